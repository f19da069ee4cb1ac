namespace Broker.LocalCloud.Identity;

/// <summary>
/// An issuer whose tokens the account trusts. <paramref name="Issuer"/> equals the tokens' <c>iss</c> byte for byte;
/// AWS demands <c>https</c> without a port there, this cloud also takes <c>http</c> on loopback.
/// </summary>
internal sealed record OidcProvider(string Arn, string Issuer, IReadOnlyList<string> ClientIds)
{
    /// <summary>What the condition keys begin with: the issuer without its scheme.</summary>
    public string ConditionPrefix { get; } = Identity.Arn.WithoutScheme(Issuer);
}

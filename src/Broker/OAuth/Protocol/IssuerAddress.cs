namespace Broker.OAuth.Protocol;

/// <summary>The issuer as OpenIddict takes it.</summary>
internal static class IssuerAddress
{
    /// <summary>Byte for byte: a <see cref="Uri"/> would add a slash to an issuer without a path.</summary>
    public static Uri Of(string issuer) =>
        new(issuer, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
}

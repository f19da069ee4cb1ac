using Broker.SignIn.Methods;

namespace Broker.SignIn.Oidc;

/// <summary>An OpenID provider at which the broker is a client.</summary>
/// <param name="Name">As a client of ours asks for it: one of <see cref="Names"/>.</param>
/// <param name="Issuer">Its issuer; an identity is known under it.</param>
internal sealed record OidcProvider(string Name, Uri Issuer, string ClientId, string ClientSecret)
{
    public const string Google = "google";
    public const string Other = "oidc";

    /// <summary>Every name.</summary>
    public static IReadOnlyList<string> Names { get; } = [Google, Other];

    /// <summary>The word of <c>BROKER_AUTH_METHODS</c> that offers it; also its identities' type (contract §7.1).
    /// </summary>
    public string Method => MethodOf(Name);

    public static string MethodOf(string name) => name == Google ? SignInMethod.Google : SignInMethod.Oidc;

    /// <summary>
    /// The identity's value: Google's <c>sub</c> as it is (contract §7.1); for others the issuer goes before it, for a
    /// subject means nothing without its issuer (OpenID Connect Core §2, <c>sub</c>).
    /// </summary>
    public string ValueOf(string subject) => Name == Google ? subject : $"{Issuer.OriginalString}#{subject}";

    public override string ToString() => Name;
}

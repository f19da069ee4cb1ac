using OpenIddict.Abstractions;

namespace Broker.OAuth.Protocol;

/// <summary>The token types of token exchange (RFC 8693 §3), and which one a request asks for.</summary>
internal static class ExchangeTypes
{
    public const string Jwt = "urn:ietf:params:oauth:token-type:jwt";
    public const string Session = OpenIddictConstants.TokenTypeIdentifiers.AccessToken;
    public const string IdToken = OpenIddictConstants.TokenTypeIdentifiers.IdentityToken;

    /// <summary>Whether the subject token is a foreign issuer's, by what the request calls it.</summary>
    public static bool IsForeign(OpenIddictRequest request) => request.SubjectTokenType is Jwt or IdToken;

    /// <summary>
    /// What is asked for. Where the request does not say, a foreign token gives a session, and whatever comes with an
    /// audience a token for it.
    /// </summary>
    public static string WantedBy(OpenIddictRequest request) => request.RequestedTokenType
        ?? (IsForeign(request) && request.GetAudiences().IsEmpty ? Session : IdToken);
}

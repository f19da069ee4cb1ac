using Broker.Identity;
using Broker.Issuer;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Broker.OAuth.Clients;

/// <summary>
/// How a client assertion is verified: ES256 only, within our clock skew. OpenIddict alone would take no other
/// <c>typ</c> than <c>client-authentication+jwt</c>, which most clients do not send yet; what the assertion is for is
/// said by its audience, which must be the issuer alone.
/// </summary>
internal sealed class AssertionRules(OAuthClients clients, IdentityOptions identities, IssuerOptions issuer)
    : IOpenIddictServerHandler<ValidateTokenContext>
{
    private const string AssertionType = "client-authentication+jwt";

    public ValueTask HandleAsync(ValidateTokenContext context)
    {
        if (!context.ValidTokenTypes.Contains(TokenTypeIdentifiers.Private.ClientAssertion))
            return ValueTask.CompletedTask;

        var rules = context.TokenValidationParameters!;
        rules.ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256];

        // OpenIddict's own would hold a pool thread while another one looks the client up.
        rules.IssuerSigningKeyResolver = (_, token, _, _) => clients.Known(token.Issuer)?.Keys.GetSigningKeys() ?? [];
        rules.ClockSkew = identities.ClockSkew;
        rules.ValidateAudience = true;
        rules.ValidAudience = issuer.Issuer;
        rules.TypeValidator = (type, _, _) => type is null or "" || IsOf(type, "JWT") || IsOf(type, AssertionType)
            ? AssertionType
            : throw new SecurityTokenInvalidTypeException("not the type of a client assertion") { InvalidType = type };
        return ValueTask.CompletedTask;
    }

    /// <summary>With or without <c>application/</c> (RFC 7515 §4.1.9).</summary>
    private static bool IsOf(string type, string known) =>
        type.Equals(known, StringComparison.OrdinalIgnoreCase)
        || type.Equals($"application/{known}", StringComparison.OrdinalIgnoreCase);
}

using Broker.SigningKeys;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Broker.Discovery;

/// <summary>
/// The discovery document beyond what OpenIddict knows by itself. <c>issuer</c> is the setting byte for byte; only what
/// works is listed.
/// </summary>
internal sealed class DescribeIssuer(OidcKeys keys) : IOpenIddictServerHandler<HandleConfigurationRequestContext>
{
    private static readonly string[] TokenClaims =
    [
        "iss", "sub", "aud", "iat", "exp", "jti", "agentkeys_user_wallet", "agentkeys_actor_omni",
        "agentkeys_grant_id",
        "https://aws.amazon.com/tags",
    ];

    public ValueTask HandleAsync(HandleConfigurationRequestContext context)
    {
        // Required (Discovery §3), but nobody signs in through a browser here: the name says so, as EKS's does.
        context.Metadata["authorization_endpoint"] = "urn:kubernetes:programmatic_authorization";

        context.Metadata.Remove(Metadata.AuthorizationResponseIssParameterSupported);

        // AWS wants it; OpenIddict leaves it out where no flow goes through a browser.
        Only(context.ResponseTypes, ResponseTypes.IdToken);
        Only(context.IdTokenSigningAlgorithms, [.. keys.Published.Select(one => one.Key.Algorithm)]);
        Only(context.SubjectTypes, SubjectTypes.Public);
        Only(context.Scopes, Scopes.OpenId);
        Only(context.Claims, TokenClaims);
        context.ResponseModes.Clear();
        context.PromptValues.Clear();
        context.CodeChallengeMethods.Clear();

        // Wallets and sessions' holders need no client.
        string[] methods = [ClientAuthenticationMethods.PrivateKeyJwt, ClientAuthenticationMethods.None];
        Only(context.TokenEndpointAuthenticationMethods, methods);
        Only(context.RevocationEndpointAuthenticationMethods, methods);
        Only(context.IntrospectionEndpointAuthenticationMethods, ClientAuthenticationMethods.PrivateKeyJwt);

        // RFC 8414 §2: demanded where private_key_jwt is named.
        foreach (var endpoint in (string[])["token", "introspection", "revocation"])
        {
            context.Metadata[$"{endpoint}_endpoint_auth_signing_alg_values_supported"] =
                new OpenIddictParameter([Algorithms.EcdsaSha256]);
        }

        return ValueTask.CompletedTask;
    }

    private static void Only(HashSet<string> values, params string[] wanted)
    {
        values.Clear();
        values.UnionWith(wanted);
    }
}

using Broker.Issuer;
using Broker.IssuerEvidence;
using Broker.Kms.Machine;
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
internal sealed class DescribeIssuer(OidcKeys keys, IssuerOptions issuer, OwnMachine machine)
    : IOpenIddictServerHandler<HandleConfigurationRequestContext>
{
    private static readonly string[] TokenClaims =
    [
        "iss", "sub", "aud", "iat", "exp", "jti", "auth_time", "nonce", "at_hash",
        "agentkeys_user_wallet", "agentkeys_actor_omni",
        "agentkeys_grant_id",
        "https://aws.amazon.com/tags",
    ];

    public ValueTask HandleAsync(HandleConfigurationRequestContext context)
    {
        // draft-ietf-oauth-client-id-metadata-document §5, RFC 9449 §5.1, RFC 9728 §4.
        context.Metadata["client_id_metadata_document_supported"] = true;
        context.Metadata["dpop_signing_alg_values_supported"] = new OpenIddictParameter([Algorithms.EcdsaSha256]);
        context.Metadata["protected_resources"] = new OpenIddictParameter([issuer.Issuer]);

        if (machine.IsConfidential)
            context.Metadata["issuer_attestation_endpoint"] = issuer.Issuer + EvidenceRoutes.Path;

        // AWS wants the first; people get codes.
        Only(context.ResponseTypes, ResponseTypes.IdToken, ResponseTypes.Code);
        Only(context.ResponseModes, ResponseModes.Query);
        Only(context.IdTokenSigningAlgorithms, [.. keys.Published.Select(one => one.Key.Algorithm)]);
        Only(context.SubjectTypes, SubjectTypes.Public);
        Only(context.Scopes, Scopes.OpenId, Scopes.OfflineAccess);
        Only(context.Claims, TokenClaims);
        Only(context.PromptValues, PromptValues.Consent, PromptValues.Login);

        // Wallets and sessions' holders need no client.
        string[] proven =
        [
            ClientAuthenticationMethods.PrivateKeyJwt, ClientAuthenticationMethods.ClientSecretBasic,
            ClientAuthenticationMethods.ClientSecretPost,
        ];
        Only(context.DeviceAuthorizationEndpointAuthenticationMethods, [.. proven, ClientAuthenticationMethods.None]);
        Only(context.TokenEndpointAuthenticationMethods, [.. proven, ClientAuthenticationMethods.None]);
        Only(context.RevocationEndpointAuthenticationMethods, [.. proven, ClientAuthenticationMethods.None]);
        Only(context.IntrospectionEndpointAuthenticationMethods, proven);

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

using System.Buffers;
using System.Text.Json;
using Broker.Foundation;
using Broker.Http;
using Broker.Issuer;

namespace Broker.Discovery;

/// <summary>
/// <c>GET /.well-known/openid-configuration</c> and <c>GET /.well-known/oauth-authorization-server</c>: the same
/// document at both (OpenID Connect Discovery 1.0 §3, RFC 8414 §2). <c>issuer</c> is the setting byte for byte; only
/// what works is listed. An issuer with a path has the document where each specification looks for it: behind the path
/// (Discovery §4.1) and before it (RFC 8414 §3.1), and at the root.
/// </summary>
internal static class DiscoveryDocument
{
    public const string OpenIdPath = "/.well-known/openid-configuration";
    public const string OAuthPath = "/.well-known/oauth-authorization-server";

    private static readonly string[] Claims =
    [
        "iss", "sub", "aud", "iat", "exp", "jti", "agentkeys_user_wallet", "agentkeys_actor_omni",
        "https://aws.amazon.com/tags",
    ];

    public static void Map(IEndpointRouteBuilder routes, IssuerOptions issuer)
    {
        var document = new CachedDocument(Write(issuer));
        foreach (var path in PathsOf(OpenIdPath, issuer.Path))
        {
            routes.MapGet(path, (Delegate)document.AnswerAsync)
                .WithSummary("OpenID provider configuration").ProducesJson();
        }

        foreach (var path in PathsOf(OAuthPath, issuer.Path))
        {
            routes.MapGet(path, (Delegate)document.AnswerAsync)
                .WithSummary("The same document where RFC 8414 looks for it").ProducesJson();
        }
    }

    private static IEnumerable<string> PathsOf(string wellKnown, string issuerPath) => issuerPath.Length == 0
        ? [wellKnown]
        : [wellKnown, issuerPath + wellKnown, wellKnown + issuerPath];

    private static byte[] Write(IssuerOptions issuer)
    {
        var document = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(document, StrictJson.WriterOptions);
        json.WriteStartObject();
        json.WriteString("issuer"u8, issuer.Issuer);
        json.WriteString("jwks_uri"u8, issuer.Issuer + JsonWebKeySet.Path);

        // Required (Discovery §3), but nobody signs in through a browser here: the name says so, as EKS's does.
        json.WriteString("authorization_endpoint"u8, "urn:kubernetes:programmatic_authorization"u8);
        WriteArray(json, "grant_types_supported", []);
        WriteArray(json, "response_types_supported", ["id_token"]);
        WriteArray(json, "subject_types_supported", ["public"]);
        WriteArray(json, "id_token_signing_alg_values_supported", ["ES256"]);
        WriteArray(json, "scopes_supported", ["openid"]);
        WriteArray(json, "token_endpoint_auth_methods_supported", ["none"]);
        WriteArray(json, "claims_supported", Claims);
        json.WriteEndObject();
        json.Flush();
        return document.WrittenSpan.ToArray();
    }

    private static void WriteArray(Utf8JsonWriter json, string name, string[] values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }
}

using System.Buffers;
using System.Text.Json;
using Broker.Configuration;
using Broker.Foundation;

namespace Broker.Discovery;

/// <summary>
/// <c>GET /.well-known/openid-configuration</c> and <c>GET /.well-known/oauth-authorization-server</c>: the same
/// document at both (OpenID Connect Discovery 1.0 §3, RFC 8414 §2). <c>issuer</c> is the setting byte for byte; only
/// what works is listed.
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

    public static void Map(IEndpointRouteBuilder routes, BrokerOptions options)
    {
        var document = new CachedDocument(Write(options.Issuer));
        routes.MapGet(OpenIdPath, (Delegate)document.AnswerAsync)
            .WithName("discovery").WithSummary("OpenID provider configuration");
        routes.MapGet(OAuthPath, (Delegate)document.AnswerAsync)
            .WithName("oauthDiscovery").WithSummary("The same document where RFC 8414 looks for it");
    }

    private static byte[] Write(IssuerOptions issuer)
    {
        var document = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(document, StrictJson.WriterOptions);
        json.WriteStartObject();
        json.WriteString("issuer"u8, issuer.Issuer);
        json.WriteString("jwks_uri"u8, issuer.Issuer + JsonWebKeySet.Path);
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

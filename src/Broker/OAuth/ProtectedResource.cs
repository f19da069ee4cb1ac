using System.Buffers;
using System.Text.Json;
using Broker.Foundation;
using Broker.Http;
using Broker.Issuer;
using Broker.OAuth.Clients;
using Broker.Sessions.Proofs;

namespace Broker.OAuth;

/// <summary>
/// <c>GET /.well-known/oauth-protected-resource</c> (RFC 9728): this broker's own API as a resource, whose authorization
/// server is this broker. Where the issuer has a path, it stands where §3.1 puts it, too.
/// </summary>
internal static class ProtectedResource
{
    private const string Path = "/.well-known/oauth-protected-resource";

    /// <summary>Where clients look for it.</summary>
    public static ResourceMetadata Of(IssuerOptions issuer) =>
        new($"{new Uri(issuer.Issuer).GetLeftPart(UriPartial.Authority)}{Path}{issuer.Path}");

    public static void Map(IEndpointRouteBuilder routes, IssuerOptions issuer)
    {
        var document = new CachedDocument(Write(issuer));
        foreach (var path in issuer.Path.Length == 0 ? (string[])[Path] : [Path, Path + issuer.Path])
        {
            routes.MapGet(path, (Delegate)((HttpContext http) => document.AnswerAsync(http)))
                .WithSummary("This API as a protected resource (RFC 9728)").ProducesJson();
        }
    }

    private static byte[] Write(IssuerOptions issuer)
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(bytes, StrictJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("resource"u8, issuer.Issuer);
            Write(json, "authorization_servers", issuer.Issuer);
            Write(json, "scopes_supported", ClientsFile.AllScopes);
            Write(json, "bearer_methods_supported", "header");
            Write(json, "dpop_signing_alg_values_supported", WrittenProof.Algorithm);
            json.WriteString("resource_name"u8, $"AgentKeys broker at {issuer.Authority}");
            json.WriteString("resource_documentation"u8, $"{issuer.Issuer}/openapi");
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, string name, params string[] values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }
}

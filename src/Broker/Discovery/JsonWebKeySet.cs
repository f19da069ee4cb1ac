using System.Buffers;
using System.Text.Json;
using Broker.Foundation;
using Broker.Http;
using Broker.Issuer;
using Broker.SigningKeys;

namespace Broker.Discovery;

/// <summary>
/// <c>GET /.well-known/jwks.json</c>: the public keys of the ring (RFC 7517). Each has <c>kid</c>, <c>use</c>,
/// <c>alg</c> and <c>x5c</c> with a certificate of the same public key; never <c>key_ops</c>, which AWS refuses.
/// </summary>
internal static class JsonWebKeySet
{
    public const string Path = "/.well-known/jwks.json";

    public static void Map(IEndpointRouteBuilder routes, KeyRing keys, IssuerOptions issuer)
    {
        var document = new KeyDocument(keys);
        routes.MapGet(Path, (Delegate)document.AnswerAsync)
            .WithName("jwks").WithSummary("The issuer's public keys").ProducesJson();
        if (issuer.Path.Length == 0) return;
        routes.MapGet(issuer.Path + Path, (Delegate)document.AnswerAsync)
            .WithSummary("The issuer's public keys, where discovery says that they are").ProducesJson();
    }

    private static byte[] Write(IReadOnlyList<PublishedKey> published)
    {
        var document = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(document, StrictJson.WriterOptions);
        json.WriteStartObject();
        json.WriteStartArray("keys"u8);
        foreach (var (key, certificate) in published)
        {
            json.WriteStartObject();
            json.WriteString("kty"u8, "EC"u8);
            json.WriteString("crv"u8, "P-256"u8);
            json.WriteString("x"u8, key.Jwk.X);
            json.WriteString("y"u8, key.Jwk.Y);
            json.WriteString("kid"u8, key.KeyId);
            json.WriteString("alg"u8, "ES256"u8);
            json.WriteString("use"u8, "sig"u8);
            json.WriteStartArray("x5c"u8);
            json.WriteStringValue(Convert.ToBase64String(certificate));
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return document.WrittenSpan.ToArray();
    }

    /// <summary>Written once for each set of keys.</summary>
    private sealed class KeyDocument(KeyRing keys)
    {
        private volatile Written _newest = new(keys.Published);

        public Task AnswerAsync(HttpContext http)
        {
            var published = keys.Published;
            var written = _newest;
            if (written.Keys != published) _newest = written = new Written(published);
            return written.Document.AnswerAsync(http);
        }

        private sealed class Written(IReadOnlyList<PublishedKey> published)
        {
            public IReadOnlyList<PublishedKey> Keys => published;

            public CachedDocument Document { get; } = new(Write(published));
        }
    }
}

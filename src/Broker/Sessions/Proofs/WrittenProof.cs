using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Broker.Cryptography;
using Broker.Foundation;

namespace Broker.Sessions.Proofs;

/// <summary>
/// What a proof says (RFC 9449 §4.2), its signature verified by the key that it carries: P-256, ES256.
/// </summary>
internal sealed record WrittenProof(
    string Thumbprint, string Id, string Method, string Address, long IssuedAt, string? TokenHash, string? Nonce)
{
    public const string Algorithm = "ES256";

    private const int Longest = 4096;
    private const int LongestText = 1024;

    /// <exception cref="FormatException">It is not a proof; says why.</exception>
    public static WrittenProof Read(string text)
    {
        var parts = text.Length <= Longest ? text.Split('.') : [];
        if (parts.Length != 3) throw new FormatException("it is not a JWS");
        try
        {
            using var header = StrictJson.Parse(Base64Url.DecodeFromChars(parts[0]));
            using var key = Key(header.RootElement);
            if (!key.VerifyData(
                    Encoding.ASCII.GetBytes(text, 0, parts[0].Length + 1 + parts[1].Length),
                    Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256))
                throw new FormatException("its signature is wrong");
            using var payload = StrictJson.Parse(Base64Url.DecodeFromChars(parts[1]));
            return Read(EcJwk.FromPublicKey(key).Thumbprint(), payload.RootElement);
        }
        catch (Exception wrong) when (wrong is JsonException or CryptographicException or ArgumentException)
        {
            throw new FormatException("it is not a proof", wrong);
        }
    }

    private static ECDsa Key(JsonElement header)
    {
        if (header.ValueKind != JsonValueKind.Object || Text(header, "typ") != "dpop+jwt"
            || Text(header, "alg") != Algorithm || header.TryGetProperty("crit", out _)
            || !header.TryGetProperty("jwk", out var jwk) || jwk.ValueKind != JsonValueKind.Object)
            throw new FormatException("its header must have typ dpop+jwt, alg ES256 and jwk");
        if (Text(jwk, "kty") != EcJwk.KeyType || Text(jwk, "crv") != EcJwk.Curve || jwk.TryGetProperty("d", out _))
            throw new FormatException("its jwk must be a public key of P-256");
        return ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint
            {
                X = Base64Url.DecodeFromChars(Text(jwk, "x") ?? ""),
                Y = Base64Url.DecodeFromChars(Text(jwk, "y") ?? ""),
            },
        });
    }

    private static WrittenProof Read(string thumbprint, JsonElement claims)
    {
        if (claims.ValueKind != JsonValueKind.Object || Text(claims, "jti") is not { Length: > 0 } id
            || Text(claims, "htm") is not { } method || Text(claims, "htu") is not { } address
            || !claims.TryGetProperty("iat", out var iat) || !iat.TryGetInt64(out var issuedAt))
            throw new FormatException("it must have jti, htm, htu and iat");
        return new WrittenProof(
            thumbprint, id, method, address, issuedAt, Text(claims, "ath"), Text(claims, "nonce"));
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
        && value.GetString() is { Length: <= LongestText } text
            ? text
            : null;
}

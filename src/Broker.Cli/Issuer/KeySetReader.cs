using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Broker.Attestation.Decoding;
using Broker.Foundation;

namespace Broker.Cli.Issuer;

/// <summary>A key of a JWKS.</summary>
/// <param name="Thumbprint">RFC 7638, SHA-256, base64url.</param>
/// <param name="Certificate">The first of <c>x5c</c>, DER; null where there is none.</param>
internal sealed record PublishedJwk(string Thumbprint, byte[]? Certificate)
{
    /// <summary>Whether the certificate is of this very key.</summary>
    public bool IsOf(X509Certificate2 certificate)
    {
        using var ec = certificate.GetECDsaPublicKey();
        using var rsa = certificate.GetRSAPublicKey();
        return (ec, rsa) switch
        {
            ({ } key, _) => KeySetReader.ThumbprintOf(key) == Thumbprint,
            (_, { } key) => KeySetReader.ThumbprintOf(key) == Thumbprint,
            _ => false,
        };
    }
}

/// <summary>Reads a JWKS (RFC 7517) of EC and RSA keys.</summary>
internal static class KeySetReader
{
    private const int MostKeys = 256;

    public static Decoded<IReadOnlyList<PublishedJwk>> Read(byte[] utf8)
    {
        try
        {
            using var document = StrictJson.Parse(utf8);
            var keys = document.RootElement.GetProperty("keys");
            if (keys.GetArrayLength() is 0 or > MostKeys) return Refused("no key, or too many");
            var read = new List<PublishedJwk>();
            foreach (var key in keys.EnumerateArray())
            {
                if (ThumbprintOf(key) is not { } thumbprint) return Refused("a key that is neither EC nor RSA");
                read.Add(new PublishedJwk(thumbprint, CertificateOf(key)));
            }

            return read;
        }
        catch (Exception wrong)
            when (wrong is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return Refused("not a JWKS");
        }
    }

    public static string? ThumbprintOf(ECDsa key)
    {
        var parameters = key.ExportParameters(includePrivateParameters: false);
        return parameters.Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value
            ? Hash($$"""{"crv":"P-256","kty":"EC","x":"{{Text(parameters.Q.X)}}","y":"{{Text(parameters.Q.Y)}}"}""")
            : null;
    }

    public static string ThumbprintOf(RSA key)
    {
        var parameters = key.ExportParameters(includePrivateParameters: false);
        return Hash($$"""{"e":"{{Text(parameters.Exponent)}}","kty":"RSA","n":"{{Text(parameters.Modulus)}}"}""");
    }

    private static string? ThumbprintOf(JsonElement key) => key.GetProperty("kty").GetString() switch
    {
        "EC" => Hash(
            $$"""{"crv":"{{Member(key, "crv")}}","kty":"EC","x":"{{Member(key, "x")}}","y":"{{Member(key, "y")}}"}"""),
        "RSA" => Hash($$"""{"e":"{{Member(key, "e")}}","kty":"RSA","n":"{{Member(key, "n")}}"}"""),
        _ => null,
    };

    /// <summary>Of letters that need no escape in JSON; a key with others is no key.</summary>
    private static string Member(JsonElement key, string name)
    {
        var text = key.GetProperty(name).GetString() ?? "";
        return text.Length > 0 && text.All(one => char.IsAsciiLetterOrDigit(one) || one is '-' or '_')
            ? text
            : throw new FormatException($"{name} is not base64url");
    }

    private static byte[]? CertificateOf(JsonElement key) =>
        key.TryGetProperty("x5c", out var chain) && chain.ValueKind == JsonValueKind.Array && chain.GetArrayLength() > 0
            ? Convert.FromBase64String(chain[0].GetString() ?? "")
            : null;

    private static string Text(byte[]? bytes) => Base64Url.EncodeToString(bytes);

    private static string Hash(string canonical) =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(canonical)));

    private static Decoded<IReadOnlyList<PublishedJwk>> Refused(string error) =>
        Decoded<IReadOnlyList<PublishedJwk>>.Refused($"JWKS: {error}");
}

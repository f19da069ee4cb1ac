using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Broker.LocalCloud.Sts;

/// <summary>
/// One public key of an issuer's JWKS, read as AWS reads it: <c>key_ops</c> or <c>use</c> other than <c>sig</c> make it
/// useless, <c>x5c</c> must hold the same public key, the JWK's own <c>alg</c> is not looked at.
/// </summary>
internal sealed record VerificationKey(string? KeyId, RSAParameters? Rsa, ECParameters? Ec)
{
    /// <returns>The key, or null when this JWK cannot verify tokens here.</returns>
    public static VerificationKey? FromJwk(JsonElement jwk)
    {
        if (jwk.ValueKind != JsonValueKind.Object || jwk.TryGetProperty("key_ops", out _)) return null;
        if (jwk.TryGetProperty("use", out _) && Text(jwk, "use") != "sig") return null;
        var keyId = Text(jwk, "kid");
        VerificationKey? key = Text(jwk, "kty") switch
        {
            "RSA" when Bytes(jwk, "n") is { Length: >= 256 } n && Bytes(jwk, "e") is { Length: > 0 } e =>
                new(keyId, new RSAParameters { Modulus = n, Exponent = e }, null),
            "EC" when Curve(Text(jwk, "crv")) is { } curve && Bytes(jwk, "x") is { } x && Bytes(jwk, "y") is { } y
                && x.Length == curve.Size && y.Length == curve.Size =>
                new(keyId, null, new ECParameters { Curve = curve.Curve, Q = new ECPoint { X = x, Y = y } }),
            _ => null,
        };
        return key is not null && key.AgreesWithCertificate(jwk) ? key : null;
    }

    /// <summary>True when the signature is this key's, under the algorithm that the token's header names.</summary>
    public bool Verifies(string algorithm, byte[] signed, byte[] signature)
    {
        try
        {
            if (Rsa is { } rsaParameters && RsaHash(algorithm) is { } rsaHash)
            {
                using var rsa = RSA.Create(rsaParameters);
                return rsa.VerifyData(signed, signature, rsaHash, RSASignaturePadding.Pkcs1);
            }

            if (Ec is { } ecParameters && EcHash(algorithm, ecParameters.Q.X!.Length) is { } ecHash)
            {
                using var ec = ECDsa.Create(ecParameters);
                return ec.VerifyData(signed, signature, ecHash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            }
        }
        catch (CryptographicException)
        {
            // A point that is not on the curve, or a modulus that cannot be one: not a key.
        }

        return false;
    }

    private bool AgreesWithCertificate(JsonElement jwk)
    {
        if (!jwk.TryGetProperty("x5c", out var chain)) return true;
        if (chain.ValueKind != JsonValueKind.Array || chain.GetArrayLength() == 0) return false;
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(chain[0].GetBytesFromBase64());
            using var rsa = Rsa is { } rsaParameters ? RSA.Create(rsaParameters) : null;
            using var ec = Ec is { } ecParameters ? ECDsa.Create(ecParameters) : null;
            var own = rsa?.ExportSubjectPublicKeyInfo() ?? ec!.ExportSubjectPublicKeyInfo();
            return certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(own);
        }
        catch (Exception wrong) when (wrong is CryptographicException or FormatException or InvalidOperationException)
        {
            return false;
        }
    }

    private static HashAlgorithmName? RsaHash(string algorithm) => algorithm switch
    {
        "RS256" => HashAlgorithmName.SHA256,
        "RS384" => HashAlgorithmName.SHA384,
        "RS512" => HashAlgorithmName.SHA512,
        _ => null,
    };

    /// <summary>Each ES algorithm belongs to one curve (RFC 7518 §3.4).</summary>
    private static HashAlgorithmName? EcHash(string algorithm, int coordinateSize) => (algorithm, coordinateSize) switch
    {
        ("ES256", 32) => HashAlgorithmName.SHA256,
        ("ES384", 48) => HashAlgorithmName.SHA384,
        ("ES512", 66) => HashAlgorithmName.SHA512,
        _ => null,
    };

    private static (ECCurve Curve, int Size)? Curve(string? name) => name switch
    {
        "P-256" => (ECCurve.NamedCurves.nistP256, 32),
        "P-384" => (ECCurve.NamedCurves.nistP384, 48),
        "P-521" => (ECCurve.NamedCurves.nistP521, 66),
        _ => null,
    };

    private static byte[]? Bytes(JsonElement jwk, string name) =>
        Text(jwk, name) is { Length: > 0 and <= 2048 } text && Base64Url.IsValid(text)
            ? Base64Url.DecodeFromChars(text)
            : null;

    private static string? Text(JsonElement jwk, string name) =>
        jwk.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace Broker.OAuth.ForeignIssuers;

/// <summary>A public key of an issuer (RFC 7517): RSA of 2048 to 8192 bits, or P-256, P-384 or P-521.</summary>
internal sealed class VerificationKey
{
    private const int ShortestModulus = 256;
    private const int LongestModulus = 1024;
    private const int LongestText = 2048;

    private readonly RSAParameters? _rsa;
    private readonly ECParameters? _ec;
    private readonly string? _algorithm;

    private VerificationKey(string? kid, string? algorithm, RSAParameters? rsa, ECParameters? ec) =>
        (KeyId, _algorithm, _rsa, _ec) = (kid, algorithm, rsa, ec);

    public string? KeyId { get; }

    /// <summary>Every algorithm that can be pinned: none of them takes a secret for a key.</summary>
    public static IReadOnlyList<string> Algorithms { get; } =
        ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    /// <summary>Null for a key that is not one for signatures of those algorithms.</summary>
    public static VerificationKey? Read(JsonElement jwk)
    {
        if (jwk.ValueKind != JsonValueKind.Object || Text(jwk, "use") is not (null or "sig" or "jwt-svid")) return null;
        var (kid, algorithm) = (Text(jwk, "kid"), Text(jwk, "alg"));
        try
        {
            return Text(jwk, "kty") switch
            {
                "RSA" when Rsa(jwk) is { } rsa => new VerificationKey(kid, algorithm, rsa, null),
                "EC" when Ec(jwk) is { } ec => new VerificationKey(kid, algorithm, null, ec),
                _ => null,
            };
        }
        catch (Exception wrong) when (wrong is FormatException or CryptographicException)
        {
            return null;
        }
    }

    /// <param name="algorithm">The header's, which the issuer may use.</param>
    public bool Verifies(string algorithm, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        if (_algorithm is not null && _algorithm != algorithm) return false;
        var hash = algorithm[2..] switch
        {
            "256" => HashAlgorithmName.SHA256,
            "384" => HashAlgorithmName.SHA384,
            _ => HashAlgorithmName.SHA512,
        };
        if (algorithm.StartsWith("ES", StringComparison.Ordinal)) return VerifiesEc(algorithm, hash, signed, signature);
        if (_rsa is not { } parameters) return false;
        using var rsa = RSA.Create(parameters);
        return rsa.VerifyData(signed, signature, hash,
            algorithm[0] == 'P' ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
    }

    private bool VerifiesEc(
        string algorithm, HashAlgorithmName hash, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        // RFC 7518 §3.4: each algorithm has its one curve.
        var size = algorithm switch { "ES256" => 32, "ES384" => 48, _ => 66 };
        if (_ec is not { } parameters || parameters.Q.X!.Length != size) return false;
        using var ec = ECDsa.Create(parameters);
        return ec.VerifyData(signed, signature, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private static RSAParameters? Rsa(JsonElement jwk)
    {
        var modulus = Base64Url.DecodeFromChars(Text(jwk, "n"));
        var exponent = Base64Url.DecodeFromChars(Text(jwk, "e"));
        if (modulus.Length is < ShortestModulus or > LongestModulus || exponent.Length is 0 or > 8) return null;
        var parameters = new RSAParameters { Modulus = modulus, Exponent = exponent };
        using var _ = RSA.Create(parameters);
        return parameters;
    }

    private static ECParameters? Ec(JsonElement jwk)
    {
        (ECCurve Curve, int Size)? found = Text(jwk, "crv") switch
        {
            "P-256" => (ECCurve.NamedCurves.nistP256, 32),
            "P-384" => (ECCurve.NamedCurves.nistP384, 48),
            "P-521" => (ECCurve.NamedCurves.nistP521, 66),
            _ => null,
        };
        if (found is not var (curve, size)) return null;
        var point = new ECPoint
        {
            X = Base64Url.DecodeFromChars(Text(jwk, "x")),
            Y = Base64Url.DecodeFromChars(Text(jwk, "y")),
        };
        if (point.X.Length != size || point.Y.Length != size) return null;
        var parameters = new ECParameters { Curve = curve, Q = point };
        using var _ = ECDsa.Create(parameters);
        return parameters;
    }

    private static string? Text(JsonElement jwk, string name) =>
        jwk.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
        && value.GetString() is { Length: <= LongestText } text
            ? text
            : null;
}

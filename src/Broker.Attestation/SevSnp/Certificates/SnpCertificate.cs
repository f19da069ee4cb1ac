using System.Collections.Immutable;
using System.Security.Cryptography;
using Broker.Attestation.Verification;

namespace Broker.Attestation.SevSnp.Certificates;

/// <summary>
/// A certificate as read from DER, with any key and any algorithm. Reading proves nothing; <see cref="SnpChain"/> does.
/// Names are compared as raw DER.
/// </summary>
internal sealed class SnpCertificate
{
    public required ReadOnlyMemory<byte> Encoded { get; init; }

    /// <summary>The signed part, exactly as it stands in <see cref="Encoded"/>.</summary>
    public required ReadOnlyMemory<byte> ToBeSigned { get; init; }

    /// <summary>The AlgorithmIdentifier beside the signature.</summary>
    public required ReadOnlyMemory<byte> Algorithm { get; init; }

    /// <summary>The AlgorithmIdentifier in the signed part.</summary>
    public required ReadOnlyMemory<byte> SignedAlgorithm { get; init; }
    public required ReadOnlyMemory<byte> Signature { get; init; }

    /// <summary>Big-endian content of the serial's INTEGER.</summary>
    public required ReadOnlyMemory<byte> SerialNumber { get; init; }
    public required ReadOnlyMemory<byte> Issuer { get; init; }
    public required ReadOnlyMemory<byte> Subject { get; init; }
    public required DateTimeOffset NotBefore { get; init; }
    public required DateTimeOffset NotAfter { get; init; }
    public required SnpPublicKey Key { get; init; }
    public required ImmutableArray<CertificateExtension> Extensions { get; init; }

    /// <summary>Whether it is signed with the hierarchy's algorithm, said the same inside and outside.</summary>
    public bool HasAlgorithm
        => Algorithm.Span.SequenceEqual(SignedAlgorithm.Span) && SnpSignatureAlgorithm.Is(Algorithm.Span);

    /// <summary>The content of the extension's OCTET STRING, or null.</summary>
    public ReadOnlyMemory<byte>? ExtensionValue(string oid) => X509Constraints.ValueOf(Extensions, oid);
}

/// <summary>
/// A certificate's key: of one of the two kinds that the hierarchy knows, or of another, and then both are null.
/// </summary>
/// <param name="Rsa">Modulus and exponent.</param>
/// <param name="P384">x then y, 48 bytes each.</param>
internal sealed record SnpPublicKey(RSAParameters? Rsa, ReadOnlyMemory<byte>? P384)
{
    private const int AuthorityBytes = 512;

    private static ReadOnlySpan<byte> Exponent => [1, 0, 1];

    /// <summary>Whether it is RSA with 4096 bits, as every authority's is.</summary>
    public bool IsAuthorityKey
        => Rsa is { Modulus.Length: AuthorityBytes } rsa && rsa.Modulus[0] >= 0x80
        && rsa.Exponent.AsSpan().SequenceEqual(Exponent);

    /// <exception cref="InvalidOperationException">It is no RSA key.</exception>
    public RSA OpenRsa() => RSA.Create(Rsa ?? throw new InvalidOperationException("not an RSA key"));

    /// <summary>The framework's key; null when it is no P-384 key, or its point is not on the curve.</summary>
    public ECDsa? TryOpenP384()
    {
        if (P384 is not { } point) return null;
        try
        {
            return ECDsa.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP384,
                Q = new ECPoint { X = point[..48].ToArray(), Y = point[48..].ToArray() },
            });
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}

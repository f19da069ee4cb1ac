using System.Collections.Immutable;

namespace Broker.Attestation.Verification;

/// <summary>
/// A certificate of the SGX hierarchy as read from DER: P-256 key, ecdsa-with-SHA256. Reading proves nothing;
/// <see cref="IsSignedBy"/> and <see cref="CertificateProfile"/> do. Names are compared as raw DER.
/// </summary>
internal sealed class SgxCertificate
{
    public required ReadOnlyMemory<byte> Encoded { get; init; }

    /// <summary>The signed part, exactly as it stands in <see cref="Encoded"/>.</summary>
    public required ReadOnlyMemory<byte> ToBeSigned { get; init; }

    /// <summary>DER <c>ECDSA-Sig-Value</c>.</summary>
    public required ReadOnlyMemory<byte> Signature { get; init; }

    /// <summary>1, 2 or 3.</summary>
    public required int Version { get; init; }

    /// <summary>Big-endian content of the serial's INTEGER, minimal as DER demands.</summary>
    public required ReadOnlyMemory<byte> SerialNumber { get; init; }
    public required ReadOnlyMemory<byte> Issuer { get; init; }
    public required ReadOnlyMemory<byte> Subject { get; init; }

    /// <summary>The subject's common name; null when it has none or several.</summary>
    public required string? CommonName { get; init; }
    public required DateTimeOffset NotBefore { get; init; }
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>x then y, 32 bytes each.</summary>
    public required ReadOnlyMemory<byte> PublicKey { get; init; }
    public required ImmutableArray<CertificateExtension> Extensions { get; init; }

    /// <summary>The key of <see cref="PublicKey"/>, for what this certificate's subject issues.</summary>
    public P256PublicKey Key => field ??= new P256PublicKey(PublicKey);

    /// <summary>True when <paramref name="issuer"/> is named as the issuer and its key made the signature.</summary>
    public bool IsSignedBy(SgxCertificate issuer)
        => Issuer.Span.SequenceEqual(issuer.Subject.Span)
            && issuer.Key.VerifyDer(ToBeSigned.Span, Signature.Span);

    /// <summary>The content of the extension's OCTET STRING, or null.</summary>
    public ReadOnlyMemory<byte>? ExtensionValue(string oid) => X509Constraints.ValueOf(Extensions, oid);
}

/// <param name="Value">The content of the OCTET STRING.</param>
internal readonly record struct CertificateExtension(string Oid, bool Critical, ReadOnlyMemory<byte> Value);

namespace Broker.Attestation.Verification;

/// <summary>
/// A certificate that claims to be a PCK CA, with what its signatures say. The facts belong to these exact bytes under
/// one root and one CRL, so they may be kept for as long as those three are the same.
/// </summary>
internal sealed class PckAuthority
{
    public const string PlatformCa = "Intel SGX PCK Platform CA";
    public const string ProcessorCa = "Intel SGX PCK Processor CA";

    private PckAuthority(SgxCertificate certificate, bool isIssuedByRoot, bool signedThePckCrl)
    {
        Certificate = certificate;
        IsIssuedByRoot = isIssuedByRoot;
        SignedThePckCrl = signedThePckCrl;
    }

    public SgxCertificate Certificate { get; }

    /// <summary>Named and signed by the root, and called one of the two PCK CAs.</summary>
    public bool IsIssuedByRoot { get; }

    public bool SignedThePckCrl { get; }

    public bool IsPlatformCa => Certificate.CommonName == PlatformCa;

    /// <summary>Null when the bytes are no certificate of the hierarchy's shape.</summary>
    public static PckAuthority? TryRead(
        ReadOnlyMemory<byte> encoded, RootAuthority root, CertificateRevocationList? pckCrl)
    {
        if (SgxCertificateReader.TryRead(encoded) is not { } certificate) return null;
        return new PckAuthority(
            certificate,
            certificate.CommonName is PlatformCa or ProcessorCa && certificate.IsSignedBy(root.Certificate),
            pckCrl is not null && pckCrl.IsIssuedBy(certificate) && pckCrl.HasSignatureOf(certificate));
    }

    public bool IsIt(ReadOnlyMemory<byte> encoded) => encoded.Span.SequenceEqual(Certificate.Encoded.Span);
}

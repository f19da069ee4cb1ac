namespace Broker.Attestation.Verification;

/// <summary>
/// The PCK CA that came with a PCK CRL. Both are the collateral's, so what their signatures say is found once.
/// </summary>
/// <param name="Certificate">Signed by the root.</param>
/// <param name="SignedThePckCrl">The CRL names it as its issuer and bears its signature.</param>
internal sealed record PckAuthority(SgxCertificate Certificate, bool SignedThePckCrl)
{
    public const string PlatformCa = "Intel SGX PCK Platform CA";
    public const string ProcessorCa = "Intel SGX PCK Processor CA";

    /// <summary>Null when the bytes are no PCK CA that the root issued.</summary>
    public static PckAuthority? TryRead(
        ReadOnlyMemory<byte> encoded, TrustAnchors anchors, RootAuthority root, CertificateRevocationList? pckCrl)
        => anchors.Issued.TryRead(encoded, root.Certificate) is { } certificate && IsPckCa(certificate)
            ? new PckAuthority(certificate, HasSigned(certificate, pckCrl))
            : null;

    public static bool IsPlatformCa(SgxCertificate certificate) => certificate.CommonName == PlatformCa;

    /// <summary>Called one of the two PCK CAs.</summary>
    public static bool IsPckCa(SgxCertificate certificate) => certificate.CommonName is PlatformCa or ProcessorCa;

    public static bool HasSigned(SgxCertificate certificate, CertificateRevocationList? pckCrl)
        => pckCrl is not null && pckCrl.IsIssuedBy(certificate) && pckCrl.HasSignatureOf(certificate);
}

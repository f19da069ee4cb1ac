using Broker.Attestation.Quotes;

namespace Broker.Attestation.Verification;

/// <summary>
/// The profile that every certificate of the hierarchy must keep: version 3, inside its dates, no critical extension
/// but BasicConstraints and KeyUsage, and those two saying exactly what its role needs. A PCK leaf that could act as
/// a CA would let the owner of one machine make all others.
/// </summary>
internal static class CertificateProfile
{
    /// <summary>
    /// A CA: CA = TRUE, keyCertSign and cRLSign, and room below it for <paramref name="casBelow"/> more CAs.
    /// </summary>
    public static bool ExamineAuthority(
        Examination examination, SgxCertificate certificate, int casBelow, CertificateRefusals refusals)
    {
        if (!ExamineCommon(examination, certificate, refusals)) return false;
        var constraints = X509Constraints.ReadBasicConstraints(certificate.Extensions);
        if (constraints is not { IsAuthority: true } || constraints.Value.PathLength < casBelow)
        {
            return examination.Refuse(refusals.Certificate, $"{certificate.CommonName}: not a CA for this path");
        }

        return X509Constraints.ReadKeyUsage(certificate.Extensions) is { } usage
            && usage.HasFlag(CertificateKeyUsage.KeyCertSign) && usage.HasFlag(CertificateKeyUsage.CrlSign)
            || examination.Refuse(refusals.Certificate, $"{certificate.CommonName}: key usage of a CA missing");
    }

    /// <summary>An end entity: CA = FALSE said explicitly, digitalSignature, and not keyCertSign.</summary>
    public static bool ExamineEndEntity(
        Examination examination, SgxCertificate certificate, CertificateRefusals refusals)
    {
        if (!ExamineCommon(examination, certificate, refusals)) return false;
        if (X509Constraints.ReadBasicConstraints(certificate.Extensions) is not { IsAuthority: false })
        {
            return examination.Refuse(refusals.Certificate, $"{certificate.CommonName}: not marked as an end entity");
        }

        return X509Constraints.ReadKeyUsage(certificate.Extensions) is { } usage
            && usage.HasFlag(CertificateKeyUsage.DigitalSignature) && !usage.HasFlag(CertificateKeyUsage.KeyCertSign)
            || examination.Refuse(
                refusals.Certificate, $"{certificate.CommonName}: key usage of an end entity missing");
    }

    private static bool ExamineCommon(Examination examination, SgxCertificate certificate, CertificateRefusals refusals)
    {
        var name = certificate.CommonName ?? "certificate";
        if (certificate.Version != 3) return examination.Refuse(refusals.Certificate, $"{name}: not version 3");
        examination.RequireWithin(
            certificate.NotBefore, certificate.NotAfter, refusals.NotYetValid, refusals.Expired, name);
        return X509Constraints.UnknownCritical(certificate.Extensions) is not { } unknown
            || examination.Refuse(refusals.Certificate, $"{name}: critical extension {unknown}");
    }
}

/// <summary>The codes under which faults of one certificate's role are reported.</summary>
internal sealed record CertificateRefusals(
    QuoteRefusalReason Certificate, QuoteRefusalReason NotYetValid, QuoteRefusalReason Expired,
    QuoteRefusalReason Revoked)
{
    public static readonly CertificateRefusals Root = new(
        QuoteRefusalReason.RootCert, QuoteRefusalReason.RootCertNotYetValid,
        QuoteRefusalReason.RootCertExpired, QuoteRefusalReason.RootCertRevoked);

    public static readonly CertificateRefusals TcbSigner = new(
        QuoteRefusalReason.TcbSignerCert, QuoteRefusalReason.TcbSignerCertNotYetValid,
        QuoteRefusalReason.TcbSignerCertExpired, QuoteRefusalReason.TcbSignerCertRevoked);

    public static readonly CertificateRefusals QeSigner = new(
        QuoteRefusalReason.QeSignerCert, QuoteRefusalReason.QeSignerCertNotYetValid,
        QuoteRefusalReason.QeSignerCertExpired, QuoteRefusalReason.QeSignerCertRevoked);

    public static readonly CertificateRefusals PckAuthority = new(
        QuoteRefusalReason.PckCaCert, QuoteRefusalReason.PckCaCertNotYetValid,
        QuoteRefusalReason.PckCaCertExpired, QuoteRefusalReason.PckCaCertRevoked);

    public static readonly CertificateRefusals Pck = new(
        QuoteRefusalReason.PckCert, QuoteRefusalReason.PckCertNotYetValid,
        QuoteRefusalReason.PckCertExpired, QuoteRefusalReason.PckCertRevoked);
}

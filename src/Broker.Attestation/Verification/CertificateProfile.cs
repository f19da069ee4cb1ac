using System.Formats.Asn1;
using Broker.Attestation.Quotes;

namespace Broker.Attestation.Verification;

/// <summary>
/// The profile that every certificate of the hierarchy must keep: version 3, inside its dates, no critical extension
/// but BasicConstraints and KeyUsage, and those two saying exactly what its role needs. A PCK leaf that could act as
/// a CA would let the owner of one machine make all others.
/// </summary>
internal static class CertificateProfile
{
    private const string BasicConstraintsOid = "2.5.29.19";
    private const string KeyUsageOid = "2.5.29.15";

    /// <summary>
    /// A CA: CA = TRUE, keyCertSign and cRLSign, and room below it for <paramref name="casBelow"/> more CAs.
    /// </summary>
    public static bool ExamineAuthority(
        Examination examination, SgxCertificate certificate, int casBelow, CertificateRefusals refusals)
    {
        if (!ExamineCommon(examination, certificate, refusals)) return false;
        var constraints = ReadBasicConstraints(certificate);
        if (constraints is not { IsAuthority: true } || constraints.Value.PathLength < casBelow)
        {
            return examination.Refuse(refusals.Certificate, $"{certificate.CommonName}: not a CA for this path");
        }

        return ReadKeyUsage(certificate) is { } usage
            && usage.HasFlag(X509KeyUsage.KeyCertSign) && usage.HasFlag(X509KeyUsage.CrlSign)
            || examination.Refuse(refusals.Certificate, $"{certificate.CommonName}: key usage of a CA missing");
    }

    /// <summary>An end entity: CA = FALSE said explicitly, digitalSignature, and not keyCertSign.</summary>
    public static bool ExamineEndEntity(
        Examination examination, SgxCertificate certificate, CertificateRefusals refusals)
    {
        if (!ExamineCommon(examination, certificate, refusals)) return false;
        if (ReadBasicConstraints(certificate) is not { IsAuthority: false })
        {
            return examination.Refuse(refusals.Certificate, $"{certificate.CommonName}: not marked as an end entity");
        }

        return ReadKeyUsage(certificate) is { } usage
            && usage.HasFlag(X509KeyUsage.DigitalSignature) && !usage.HasFlag(X509KeyUsage.KeyCertSign)
            || examination.Refuse(
                refusals.Certificate, $"{certificate.CommonName}: key usage of an end entity missing");
    }

    private static bool ExamineCommon(Examination examination, SgxCertificate certificate, CertificateRefusals refusals)
    {
        var name = certificate.CommonName ?? "certificate";
        if (certificate.Version != 3) return examination.Refuse(refusals.Certificate, $"{name}: not version 3");
        examination.RequireWithin(
            certificate.NotBefore, certificate.NotAfter, refusals.NotYetValid, refusals.Expired, name);
        foreach (var extension in certificate.Extensions)
        {
            if (extension.Critical && extension.Oid is not (BasicConstraintsOid or KeyUsageOid))
            {
                return examination.Refuse(refusals.Certificate, $"{name}: critical extension {extension.Oid}");
            }
        }

        return true;
    }

    private static (bool IsAuthority, int PathLength)? ReadBasicConstraints(SgxCertificate certificate)
    {
        if (certificate.ExtensionValue(BasicConstraintsOid) is not { } encoded) return null;
        try
        {
            var outer = new AsnReader(encoded, AsnEncodingRules.DER);
            var constraints = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            var isAuthority = constraints.HasData
                && constraints.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && constraints.ReadBoolean();
            var pathLength = int.MaxValue;
            if (constraints.HasData && !constraints.TryReadInt32(out pathLength)) return null;
            constraints.ThrowIfNotEmpty();
            return (isAuthority, pathLength);
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    private static X509KeyUsage? ReadKeyUsage(SgxCertificate certificate)
    {
        if (certificate.ExtensionValue(KeyUsageOid) is not { } encoded) return null;
        try
        {
            var outer = new AsnReader(encoded, AsnEncodingRules.DER);
            var usage = outer.ReadNamedBitListValue<X509KeyUsage>();
            outer.ThrowIfNotEmpty();
            return usage;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    /// <summary>KeyUsage of RFC 5280 §4.2.1.3, bit 0 first.</summary>
    [Flags]
    private enum X509KeyUsage
    {
        DigitalSignature = 1 << 0,
        NonRepudiation = 1 << 1,
        KeyEncipherment = 1 << 2,
        DataEncipherment = 1 << 3,
        KeyAgreement = 1 << 4,
        KeyCertSign = 1 << 5,
        CrlSign = 1 << 6,
        EncipherOnly = 1 << 7,
        DecipherOnly = 1 << 8,
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

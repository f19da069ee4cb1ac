using Broker.Attestation.Quotes;

namespace Broker.Attestation.Verification;

/// <summary>The examined root and its revocation list: what everything below it is checked against.</summary>
internal sealed class RootAuthority
{
    private RootAuthority(SgxCertificate certificate, CertificateRevocationList revocationList)
        => (Certificate, RevocationList) = (certificate, revocationList);

    public SgxCertificate Certificate { get; }
    public CertificateRevocationList RevocationList { get; }

    /// <summary>Byte for byte the trust anchor.</summary>
    public bool IsIt(ReadOnlyMemory<byte> certificate) => certificate.Span.SequenceEqual(Certificate.Encoded.Span);

    /// <summary>Null after a refusal (<c>ROOT_CERT…</c>, <c>ROOT_CRL…</c>).</summary>
    public static RootAuthority? Examine(Examination examination, TrustAnchors anchors, ReadOnlyMemory<byte> rootCrl)
    {
        if (anchors.SelfSigned is not { } root)
        {
            examination.Refuse(QuoteRefusalReason.RootCert, "trust anchor is not a self-signed root certificate");
            return null;
        }

        if (!CertificateProfile.ExamineAuthority(examination, root, casBelow: 1, CertificateRefusals.Root)) return null;
        var read = CertificateRevocationList.TryRead(rootCrl);
        if (RevocationListRefusals.Root.Examine(examination, read, root) is not { } list)
        {
            return null;
        }

        if (list.Revokes(root))
        {
            examination.Refuse(QuoteRefusalReason.RootCertRevoked, "root is revoked");
            return null;
        }

        return new RootAuthority(root, list);
    }
}

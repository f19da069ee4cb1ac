using Broker.Attestation.Quotes;

namespace Broker.Attestation.Verification;

/// <summary>The platform's certificate, proven to come from the root through a PCK CA and not to be revoked.</summary>
internal sealed record PckCertificate(SgxCertificate Certificate, PckIdentity Identity)
{
    private const string LeafName = "Intel SGX PCK Certificate";

    /// <summary>Null after a refusal (<c>PCK_…</c>, <c>TCB_INFO_MISMATCH</c>).</summary>
    /// <param name="chain">As read under the trust anchor of the collateral.</param>
    public static PckCertificate? Examine(Examination examination, PreparedCollateral collateral, PckChain chain)
    {
        if (chain.Length != 3)
        {
            return Refuse(examination, QuoteRefusalReason.PckChain, $"{chain.Length} certificates, not 3");
        }

        if (!chain.EndsInAnchor)
        {
            return Refuse(examination, QuoteRefusalReason.PckChain, "root is not the trust anchor");
        }

        if (chain.Authority is not { } authority || !PckAuthority.IsPckCa(authority))
        {
            return Refuse(examination, QuoteRefusalReason.PckChain, "intermediate is not a PCK CA issued by the root");
        }

        if (chain.Leaf is not { CommonName: LeafName } leaf)
        {
            return Refuse(
                examination, QuoteRefusalReason.PckChain, "leaf is not a PCK certificate issued by the PCK CA");
        }

        if (!CertificateProfile.ExamineAuthority(
                examination, authority, casBelow: 0, CertificateRefusals.PckAuthority)) return null;
        if (!CertificateProfile.ExamineEndEntity(examination, leaf, CertificateRefusals.Pck)) return null;
        return IsRevoked(examination, collateral, authority, leaf) ? null
            : ExaminePlatform(examination, collateral.TcbInfo!, chain.Identity) is { } identity
            ? new PckCertificate(leaf, identity)
            : null;
    }

    /// <summary>True after a refusal. Looked up in the lists of this collateral with every quote.</summary>
    private static bool IsRevoked(
        Examination examination, PreparedCollateral collateral, SgxCertificate authority, SgxCertificate leaf)
    {
        if (collateral.Root!.RevocationList.Revokes(authority))
        {
            return !examination.Refuse(QuoteRefusalReason.PckCaCertRevoked, "PCK CA is revoked");
        }

        var list = RevocationListRefusals.Pck.Examine(
            examination, collateral.PckCrl, authority, collateral.IsPckCrlSignedBy(authority));
        if (list is null) return true;
        return list.Revokes(leaf)
            && !examination.Refuse(QuoteRefusalReason.PckCertRevoked, "PCK certificate is revoked");
    }

    private static PckIdentity? ExaminePlatform(Examination examination, TcbInfo tcbInfo, PckIdentity? identity)
    {
        if (identity is null)
        {
            examination.Refuse(QuoteRefusalReason.PckExtension, "SGX extension of the PCK certificate");
        }
        else if (!tcbInfo.Fmspc.Span.SequenceEqual(identity.Fmspc.Span))
        {
            examination.Refuse(QuoteRefusalReason.TcbInfoMismatch, "TCB info is for another FMSPC");
        }
        else if (!tcbInfo.PceId.Span.SequenceEqual(identity.PceId.Span))
        {
            examination.Refuse(QuoteRefusalReason.TcbInfoMismatch, "TCB info is for another PCE");
        }
        else
        {
            return identity;
        }

        return null;
    }

    private static PckCertificate? Refuse(Examination examination, QuoteRefusalReason reason, string detail)
    {
        examination.Refuse(reason, detail);
        return null;
    }
}

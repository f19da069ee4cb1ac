using System.Collections.Immutable;
using Broker.Attestation.Quotes;

namespace Broker.Attestation.Verification;

/// <summary>The platform's certificate, proven to come from the root through a PCK CA and not to be revoked.</summary>
internal sealed record PckChain(SgxCertificate Leaf, PckIdentity Identity)
{
    private const string LeafName = "Intel SGX PCK Certificate";

    /// <summary>Null after a refusal (<c>PCK_…</c>, <c>TCB_INFO_MISMATCH</c>).</summary>
    public static PckChain? Examine(Examination examination, PreparedCollateral collateral, QuoteSignatureData data)
    {
        var root = collateral.Root!;
        if (ReadChain(examination, collateral, data) is not { } chain) return null;
        if (chain.Length != 3)
        {
            return Refuse(examination, QuoteRefusalReason.PckChain, $"{chain.Length} certificates, not 3");
        }

        if (!root.IsIt(chain[2]))
        {
            return Refuse(examination, QuoteRefusalReason.PckChain, "root is not the trust anchor");
        }

        var authority = collateral.PckAuthority is { } known && known.IsIt(chain[1])
            ? known
            : PckAuthority.TryRead(chain[1], root, collateral.PckCrl);
        if (authority is not { IsIssuedByRoot: true })
        {
            return Refuse(examination, QuoteRefusalReason.PckChain, "intermediate is not a PCK CA issued by the root");
        }

        if (SgxCertificateReader.TryRead(chain[0]) is not { } leaf || leaf.CommonName != LeafName
            || !leaf.IsSignedBy(authority.Certificate))
        {
            return Refuse(
                examination, QuoteRefusalReason.PckChain, "leaf is not a PCK certificate issued by the PCK CA");
        }

        if (!CertificateProfile.ExamineAuthority(
                examination, authority.Certificate, casBelow: 0, CertificateRefusals.PckAuthority)) return null;
        if (!CertificateProfile.ExamineEndEntity(examination, leaf, CertificateRefusals.Pck)) return null;
        if (root.RevocationList.Revokes(authority.Certificate))
        {
            return Refuse(examination, QuoteRefusalReason.PckCaCertRevoked, "PCK CA is revoked");
        }

        var list = RevocationListRefusals.Pck.Examine(
            examination, collateral.PckCrl, authority.Certificate, authority.SignedThePckCrl);
        if (list is null) return null;
        if (list.Revokes(leaf))
        {
            return Refuse(examination, QuoteRefusalReason.PckCertRevoked, "PCK certificate is revoked");
        }

        if (PckExtensionReader.TryRead(leaf, authority.IsPlatformCa) is not { } identity)
        {
            return Refuse(examination, QuoteRefusalReason.PckExtension, "SGX extension of the PCK certificate");
        }

        var tcbInfo = collateral.TcbInfo!;
        if (!tcbInfo.Fmspc.Span.SequenceEqual(identity.Fmspc.Span))
        {
            return Refuse(examination, QuoteRefusalReason.TcbInfoMismatch, "TCB info is for another FMSPC");
        }

        if (!tcbInfo.PceId.Span.SequenceEqual(identity.PceId.Span))
        {
            return Refuse(examination, QuoteRefusalReason.TcbInfoMismatch, "TCB info is for another PCE");
        }

        return new PckChain(leaf, identity);
    }

    /// <summary>The quote's own chain; only a quote that carries none may be given one.</summary>
    private static ImmutableArray<ReadOnlyMemory<byte>>? ReadChain(
        Examination examination, PreparedCollateral collateral, QuoteSignatureData data)
    {
        if (data.CertificationDataType == CertificationDataType.PckCertificateChain)
        {
            return PemChain.Read(data.CertificationData.Span);
        }

        if (collateral.Source.PckCertificateChain is { } supplied) return PemChain.Read(supplied);
        examination.Refuse(
            QuoteRefusalReason.PckChain,
            $"certification data type {(int)data.CertificationDataType} needs a PCK chain with the collateral");
        return null;
    }

    private static PckChain? Refuse(Examination examination, QuoteRefusalReason reason, string detail)
    {
        examination.Refuse(reason, detail);
        return null;
    }
}

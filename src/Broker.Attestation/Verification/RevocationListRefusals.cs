using Broker.Attestation.Quotes;

namespace Broker.Attestation.Verification;

/// <summary>
/// How a revocation list is examined, failing closed: it must parse, be the issuer's, bear the issuer's signature and
/// be inside its dates. A list that fails any of it is as good as none, and none means refusal.
/// </summary>
internal sealed record RevocationListRefusals(
    string Subject, QuoteRefusalReason Malformed, QuoteRefusalReason Issuer, QuoteRefusalReason Signature,
    QuoteRefusalReason NotYetValid, QuoteRefusalReason Expired)
{
    public static readonly RevocationListRefusals Root = new(
        "root CRL", QuoteRefusalReason.RootCrlMalformed, QuoteRefusalReason.RootCrlIssuer,
        QuoteRefusalReason.RootCrlSignature, QuoteRefusalReason.RootCrlNotYetValid, QuoteRefusalReason.RootCrlExpired);

    public static readonly RevocationListRefusals Pck = new(
        "PCK CRL", QuoteRefusalReason.PckCrlMalformed, QuoteRefusalReason.PckCrlIssuer,
        QuoteRefusalReason.PckCrlSignature, QuoteRefusalReason.PckCrlNotYetValid, QuoteRefusalReason.PckCrlExpired);

    /// <param name="list">The list as read; null when it could not be.</param>
    /// <param name="hasSignature">
    /// What is already known about the issuer's signature on this list; null to check it.
    /// </param>
    public CertificateRevocationList? Examine(
        Examination examination, CertificateRevocationList? list, SgxCertificate issuer, bool? hasSignature = null)
    {
        if (list is null) return Refuse(examination, Malformed, "is not one that Intel issues");
        if (!list.IsIssuedBy(issuer)) return Refuse(examination, Issuer, $"is not of {issuer.CommonName}");
        if (!(hasSignature ?? list.HasSignatureOf(issuer)))
        {
            return Refuse(examination, Signature, "signature does not verify");
        }

        examination.RequireWithin(list.ThisUpdate, list.NextUpdate, NotYetValid, Expired, Subject);
        return list;
    }

    private CertificateRevocationList? Refuse(Examination examination, QuoteRefusalReason reason, string detail)
    {
        examination.Refuse(reason, $"{Subject} {detail}");
        return null;
    }
}

using Broker.Attestation.Quotes;

namespace Broker.Attestation.Verification;

/// <summary>
/// Collateral whose signatures have been checked once against one trust anchor, to judge many quotes with. Immutable,
/// free of I/O and safe to share between threads. Dates are not decided here: each use checks them again at its own
/// time, so prepared collateral that has expired refuses every quote.
/// </summary>
public sealed class PreparedCollateral
{
    private PreparedCollateral(QuoteCollateral source, TrustAnchors anchors, TeeType tee)
        => (Source, Anchors, TeeType) = (source, anchors, tee);

    /// <summary>What was prepared.</summary>
    public QuoteCollateral Source { get; }

    /// <summary>The kind of quotes that this collateral was read for.</summary>
    public TeeType TeeType { get; }

    /// <summary>From here on the root CRL, TCB info, QE identity and their signers are valid, inclusive.</summary>
    public DateTimeOffset ValidFrom => Examination.ValidFrom;

    /// <summary>Until here the root CRL, TCB info, QE identity and their signers are valid, inclusive.</summary>
    public DateTimeOffset ValidUntil => Examination.ValidUntil;

    internal TrustAnchors Anchors { get; }
    internal Examination Examination { get; } = new();
    internal RootAuthority? Root { get; private set; }
    internal TcbInfo? TcbInfo { get; private set; }
    internal QeIdentity? QeIdentity { get; private set; }
    internal CertificateRevocationList? PckCrl { get; private set; }
    internal PckAuthority? PckAuthority { get; private set; }

    /// <summary>Why no quote can be verified with this collateral at that time; null when it is in order.</summary>
    public QuoteRefusal? RefusalAt(DateTimeOffset now) => Examination.RefusalAt(now);

    /// <summary>
    /// Checks root, root CRL, TCB info and QE identity for quotes of <paramref name="tee"/>. Never fails: a fault is
    /// found again by each use.
    /// </summary>
    public static PreparedCollateral Prepare(TrustAnchors anchors, QuoteCollateral collateral, TeeType tee)
    {
        var prepared = new PreparedCollateral(collateral, anchors, tee);
        prepared.Examine();
        return prepared;
    }

    /// <summary>Whether the PCK CRL bears the signature of the PCK CA that a quote brought.</summary>
    internal bool IsPckCrlSignedBy(SgxCertificate authority)
        => PckAuthority is { } known && known.Certificate.Encoded.Span.SequenceEqual(authority.Encoded.Span)
            ? known.SignedThePckCrl
            : PckAuthority.HasSigned(authority, PckCrl);

    private void Examine()
    {
        if (RootAuthority.Examine(Examination, Anchors, Source.RootCaCrl) is not { } root) return;

        var signedTcbInfo = SignedCollateral.TcbInfo.Examine(
            Examination, Anchors, root, Source.TcbInfoIssuerChain, Source.TcbInfo, Source.TcbInfoSignature);
        if (signedTcbInfo is not { } tcbInfoText) return;
        if (TcbInfoReader.Read(Examination, tcbInfoText, TeeType) is not { } tcbInfo) return;
        Examination.RequireWithin(
            tcbInfo.IssueDate, tcbInfo.NextUpdate,
            QuoteRefusalReason.TcbInfoNotYetValid, QuoteRefusalReason.TcbInfoExpired, "TCB info");

        var signedQeIdentity = SignedCollateral.QeIdentity.Examine(
            Examination, Anchors, root, Source.QeIdentityIssuerChain, Source.QeIdentity, Source.QeIdentitySignature);
        if (signedQeIdentity is not { } qeIdentityText) return;
        if (QeIdentityReader.Read(Examination, qeIdentityText, TeeType) is not { } identity) return;
        Examination.RequireWithin(
            identity.IssueDate, identity.NextUpdate,
            QuoteRefusalReason.QeIdentityNotYetValid, QuoteRefusalReason.QeIdentityExpired, "QE identity");

        Root = root;
        TcbInfo = tcbInfo;
        QeIdentity = identity;
        PckCrl = CertificateRevocationList.TryRead(Source.PckCrl);

        // Most quotes bring the very PCK CA that issued the CRL, so the CRL's signature is checked here once.
        // A quote with another CA has it checked then; nothing is taken from this chain on trust.
        var issuers = PemChain.Read(Source.PckCrlIssuerChain);
        PckAuthority = issuers.Length > 0 ? PckAuthority.TryRead(issuers[0], Anchors, root, PckCrl) : null;
    }
}

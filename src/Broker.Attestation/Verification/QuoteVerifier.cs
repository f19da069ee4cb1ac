using Broker.Attestation.Quotes;

namespace Broker.Attestation.Verification;

/// <summary>
/// Judges DCAP quotes against one trust anchor. A pure function of quote, collateral and time: it reads no clock, no
/// file and no network. The checks run in a fixed order, and the first that fails names the refusal:
/// parse → root and root CRL → TCB info → QE identity → PCK chain and PCK CRL → FMSPC and PCE → QE report → attestation
/// key → QE identity match → quote signature → TDX module → TCB levels → what no workload may be.
/// Signatures are checked before what they sign is read.
/// </summary>
public sealed class QuoteVerifier(TrustAnchors anchors)
{
    /// <summary>Parses and judges a quote with collateral that nobody has prepared: for one quote, offline.</summary>
    /// <param name="quote">As received; bytes after the structure are tolerated.</param>
    /// <param name="now">
    /// The instant that certificates, CRLs and collateral must be valid at; their ends are included.
    /// </param>
    public QuoteVerdict Verify(ReadOnlySpan<byte> quote, QuoteCollateral collateral, DateTimeOffset now)
    {
        var parsed = QuoteParser.Parse(quote);
        return parsed.Succeeded
            ? Verify(parsed.Quote, Prepare(collateral, parsed.Quote.Header.TeeType), now)
            : new RefusedQuote(parsed.Refusal, null);
    }

    /// <summary>Checks the signatures of collateral once, for judging many quotes of one kind with it.</summary>
    public PreparedCollateral Prepare(QuoteCollateral collateral, TeeType tee)
        => PreparedCollateral.Prepare(anchors, collateral, tee);

    /// <summary>
    /// Judges a quote with prepared collateral. Its dates and its revocation lists are asked anew, whatever was judged
    /// before.
    /// </summary>
    /// <param name="now">
    /// The instant that certificates, CRLs and collateral must be valid at; their ends are included.
    /// </param>
    /// <exception cref="ArgumentException">The collateral was prepared under another trust anchor.</exception>
    public QuoteVerdict Verify(Quote quote, PreparedCollateral collateral, DateTimeOffset now)
        => Verify(quote, PckChain.Of(quote, anchors), collateral, now);

    /// <param name="carried">The chain inside the quote, as read under this trust anchor; null when it has none.</param>
    internal QuoteVerdict Verify(
        Quote quote, PckChain? carried, PreparedCollateral collateral, DateTimeOffset now)
    {
        if (!ReferenceEquals(collateral.Anchors, anchors))
        {
            throw new ArgumentException("collateral was prepared under another trust anchor", nameof(collateral));
        }

        // Root, TCB info, QE identity: decided when the collateral was prepared, but for their dates.
        if (collateral.RefusalAt(now) is { } badCollateral) return new RefusedQuote(badCollateral, quote);
        if (collateral.TeeType != quote.Header.TeeType)
        {
            return Refused(quote, QuoteRefusalReason.TcbInfoMismatch, "collateral is for another TEE");
        }

        // Only a quote that carries no chain may be given one.
        var chain = carried
            ?? (collateral.Source.PckCertificateChain is { } supplied ? PckChain.Of(supplied, anchors) : null);
        if (chain is null)
        {
            var type = (int)quote.SignatureData.CertificationDataType;
            return Refused(
                quote, QuoteRefusalReason.PckChain,
                $"certification data type {type} needs a PCK chain with the collateral");
        }

        var examination = new Examination();
        var pck = PckCertificate.Examine(examination, collateral, chain);
        if (examination.RefusalAt(now) is { } badChain) return new RefusedQuote(badChain, quote);

        return pck is null
            ? throw new InvalidOperationException("a chain was neither refused nor accepted")
            : JudgePlatform(quote, pck, collateral, examination);
    }

    private static QuoteVerdict JudgePlatform(
        Quote quote, PckCertificate pck, PreparedCollateral collateral, Examination examination)
    {
        if (QuoteSignatures.Refuse(quote, pck.Certificate, collateral.QeIdentity!) is { } badSignature)
        {
            return new RefusedQuote(badSignature, quote);
        }

        if (quote.TdReport is { } report && TdxModuleMatch.Refuse(collateral.TcbInfo!, report) is { } badModule)
        {
            return new RefusedQuote(badModule, quote);
        }

        if (EvaluateTcb(quote, pck.Identity, collateral) is not { } tcb)
        {
            return Refused(
                quote, QuoteRefusalReason.TcbNotSupported, "platform, TDX module or QE is below every TCB level");
        }

        if (tcb.Launch.Status == TcbStatus.Revoked || tcb.Current?.Status == TcbStatus.Revoked)
        {
            return Refused(
                quote, QuoteRefusalReason.TcbRevoked, "platform, TDX module or QE is at a revoked TCB level");
        }

        if (WorkloadPolicy.Refuse(quote.Body) is { } badWorkload) return new RefusedQuote(badWorkload, quote);

        return new VerifiedQuote
        {
            Quote = quote,
            Status = tcb.Current is { } current
                ? TcbEvaluator.WithCurrentModule(tcb.Launch.Status, current.Status)
                : tcb.Launch.Status,
            AdvisoryIds = tcb.Launch.AdvisoryIds,
            TcbDate = tcb.Launch.TcbDate,
            Launch = tcb.Launch,
            Current = tcb.Current,
            Platform = pck.Identity,
            ValidFrom = Later(collateral.ValidFrom, examination.ValidFrom),
            ValidUntil = Earlier(collateral.ValidUntil, examination.ValidUntil),
        };
    }

    private static (TcbEvaluation Launch, TcbEvaluation? Current)? EvaluateTcb(
        Quote quote, PckIdentity platform, PreparedCollateral collateral)
    {
        var qeSvn = quote.SignatureData.QeReport.IsvSvn;
        if (TcbEvaluator.LevelOf(collateral.QeIdentity!.Levels, qeSvn) is not { } qeLevel) return null;

        var evaluator = new TcbEvaluator(collateral.TcbInfo!, platform, qeLevel);
        if (quote.TdReport is not { } report)
        {
            return evaluator.EvaluateSgx() is { } sgx ? (sgx, null) : null;
        }

        if (evaluator.EvaluateTdx(report.TeeTcbSvn.Span) is not { } launch) return null;
        if (report.TeeTcbSvn2 is not { } currentSvn) return (launch, null);
        return evaluator.EvaluateTdx(currentSvn.Span) is { } current ? (launch, current) : null;
    }

    private static RefusedQuote Refused(Quote quote, QuoteRefusalReason reason, string detail)
        => new(new QuoteRefusal(reason, detail), quote);

    private static DateTimeOffset Later(DateTimeOffset left, DateTimeOffset right) => left > right ? left : right;

    private static DateTimeOffset Earlier(DateTimeOffset left, DateTimeOffset right) => left < right ? left : right;
}

using System.Security.Cryptography;
using System.Text;
using Broker.Attestation.Collateral;
using Broker.Attestation.EventLog;
using Broker.Attestation.Quotes;
using Broker.Attestation.SevSnp.Certificates;
using Broker.Attestation.SevSnp.Collateral;
using Broker.Attestation.SevSnp.Dstack;
using Broker.Attestation.SevSnp.Reports;
using Broker.Attestation.SevSnp.Verification;
using Broker.Attestation.Verification;

namespace Broker.Attestation.Evidence;

/// <summary>
/// Turns evidence into a verdict. The order and the words are those of kms-protocol §5.3 and §6.4; what goes beyond the
/// reference (an event list that could be read in two ways) is asked last, so that it never hides one of its answers.
/// <list type="number">
/// <item>The report data is what the caller expects, before anything costly is done.</item>
/// <item>A pod's payload is what its report data is bound to.</item>
/// <item>The quote is genuine, at the given time, with collateral.</item>
/// <item>The trust domain is not debuggable, its module is Intel's, no service TD is bound to it.</item>
/// <item>RTMR3 is what the runtime events make it; RTMR0 to RTMR2 are tied to the OS image, elsewhere.</item>
/// <item>The quote's report data is the envelope's.</item>
/// <item>V2 digests and preimages in the event log are what they have to be.</item>
/// <item>The runtime events can be read in one way only.</item>
/// </list>
/// </summary>
/// <param name="quotes">Judges quotes.</param>
/// <param name="reports">Judges SEV-SNP reports; null takes AMD's roots and fetches nothing.</param>
public sealed class AttestationVerifier(
    CollateralBackedVerifier quotes, CollateralBackedReportVerifier? reports = null)
{
    private readonly CollateralBackedReportVerifier _reports =
        reports ?? new CollateralBackedReportVerifier(SnpTrustAnchors.Amd, new SnpPolicy());

    /// <param name="evidence">The envelope, from wherever it came.</param>
    /// <param name="expectedReportData">64 bytes from <see cref="ReportDataBinding"/>; null only where any report data
    /// will do.</param>
    public async Task<AttestationVerdict> VerifyAsync(
        VersionedAttestation evidence,
        ReadOnlyMemory<byte>? expectedReportData,
        DateTimeOffset now,
        CancellationToken stop)
    {
        if (expectedReportData is { } expected
            && !CryptographicOperations.FixedTimeEquals(expected.Span, evidence.ReportData.Span))
        {
            return Refused("REPORT_DATA_MISMATCH", "report data mismatch");
        }

        if (evidence.ReportDataPayload is { } payload
            && !evidence.ReportData.Span.SequenceEqual(
                ReportDataBinding.Compute(ReportDataBinding.AppDataTag, Encoding.UTF8.GetBytes(payload))))
        {
            return Refused("REPORT_DATA_PAYLOAD", "report_data does not match report_data_payload");
        }

        return evidence switch
        {
            TdxAttestation tdx => await VerifyTdxAsync(tdx, now, stop),
            SnpAttestation snp => await VerifySnpAsync(snp, now, stop),
            _ => throw new InvalidOperationException($"evidence of type {evidence.GetType()}"),
        };
    }

    private async Task<AttestationVerdict> VerifyTdxAsync(
        TdxAttestation evidence, DateTimeOffset now, CancellationToken stop)
    {
        var verdict = await quotes.VerifyAsync(evidence.Quote.Parsed, now, stop);
        return verdict switch
        {
            VerifiedQuote { Quote.TdReport: { } report } verified
                => CheckEvidence(evidence, report) ?? CheckEvents(evidence, verified),
            VerifiedQuote => Refused("NOT_A_TD", "failed to verify TDX quote: an SGX quote proves no trust domain"),
            RefusedQuote refused => Refused(refused.Refusal.Code, Words(refused)),
            _ => throw new InvalidOperationException($"a verdict of type {verdict.GetType()}"),
        };
    }

    /// <summary>
    /// The report's own order, with the envelope's report data as the expected one; then the application document is
    /// HOST_DATA's.
    /// </summary>
    private async Task<AttestationVerdict> VerifySnpAsync(
        SnpAttestation evidence, DateTimeOffset now, CancellationToken stop)
    {
        var certificates = CertificateChain.Read(evidence.CertificateChain, _reports.Policy.AllowVlek);
        if (!certificates.Succeeded) return Refused(certificates.Refusal);
        var verdict = await _reports.VerifyAsync(
            evidence.Report, certificates.Value, new SnpExpectations { ReportData = evidence.ReportData }, now, stop);
        if (verdict is not VerifiedReport verified) return Refused(((RefusedReport)verdict).Refusal);
        if (evidence.MrConfig.Length == 0)
            return Refused(new SnpRefusal(SnpRefusalReason.MrConfigMissing, "mr_config is required for amd sev-snp"));

        var app = MrConfigDocument.Read(evidence.MrConfig, verified.Report.HostData.Span);
        return app.Succeeded ? new VerifiedSnpAttestation(evidence, verified, app.Value) : Refused(app.Refusal);
    }

    private static RefusedAttestation Refused(SnpRefusal refusal)
        => Refused(refusal.Code, $"failed to verify amd sev-snp report: {refusal}");

    /// <summary>
    /// What the reference says of the same quote (§6.4). It asks for three things after the quote itself. Here they
    /// are part of the quote's verdict, so that no caller can leave them out.
    /// </summary>
    private static string Words(RefusedQuote refused) => refused.Refusal.Reason switch
    {
        QuoteRefusalReason.TdDebug => "Debug mode is not allowed",
        QuoteRefusalReason.TdServiceTd => "Invalid mr service td",
        QuoteRefusalReason.TdxModuleMismatch when refused.Quote?.TdReport is { } report && !IsZero(report.MrSignerSeam)
            => "Invalid mr signer seam",
        _ => $"failed to verify TDX quote: {refused.Refusal}",
    };

    private static RefusedAttestation? CheckEvidence(TdxAttestation evidence, TdReport report)
    {
        var replayed = RtmrReplay.Replay(evidence.RuntimeEvents.Select(entry => entry.Digest()));
        if (!report.RtMr3.Span.SequenceEqual(replayed))
        {
            return Refused(
                "RTMR3_MISMATCH",
                $"RTMR3 mismatch, quoted: {Convert.ToHexStringLower(report.RtMr3.Span)},"
                + $" replayed: {Convert.ToHexStringLower(replayed)}");
        }

        if (!report.ReportData.Span.SequenceEqual(evidence.ReportData.Span))
        {
            return Refused("REPORT_DATA_MISMATCH", "tdx report_data mismatch");
        }

        var faults = evidence.EventLog.Events.Where(entry => entry.IsRuntime).Select(CheckPreimage);
        return faults.FirstOrDefault(fault => fault is not null) is { } fault
            ? Refused("EVENT_PREIMAGE", $"Failed to validate TDX V2 event digest preimages: {fault}")
            : null;
    }

    /// <summary>
    /// A V2 event of a stripped log has no digest any more, and needs none: the replay computes it. Where digest or
    /// preimage are given, they agree with name and payload.
    /// </summary>
    private static string? CheckPreimage(TdxEvent entry)
    {
        if (entry.Version != EventDigestVersion.V2) return null;
        if (!entry.Digest.IsEmpty && !entry.Digest.Span.SequenceEqual(entry.ToRuntimeEvent().Digest()))
        {
            return "the digest is not that of name and payload";
        }

        var canonical = Encoding.UTF8.GetBytes(RuntimeEventDigest.CanonicalJson(entry.Name, entry.Payload.Span));
        return entry.Preimage is null
            || Convert.ToHexStringLower(canonical).Equals(entry.Preimage, StringComparison.OrdinalIgnoreCase)
            ? null
            : "the preimage is not the canonical form of name and payload";
    }

    private static AttestationVerdict CheckEvents(TdxAttestation evidence, VerifiedQuote quote)
    {
        if (evidence.EventLog.MisplacedRuntimeEvent() is { } misplaced)
        {
            return Refused("EVENT_LOG", $"runtime event stands in RTMR{misplaced.Imr}, not in RTMR3");
        }

        var logged = evidence.EventLog.RuntimeEvents();
        if (logged.Count > 0 && !logged.SequenceEqual(evidence.RuntimeEvents, SameEvent.Comparer))
        {
            return Refused("EVENT_LOG", "event log and runtime events disagree");
        }

        var events = RuntimeEventLog.From(evidence.RuntimeEvents);
        return events.Succeeded
            ? new VerifiedTdxAttestation(evidence, quote, events.Value)
            : Refused("EVENT_LOG", events.Error);
    }

    private static bool IsZero(ReadOnlyMemory<byte> value) => !value.Span.ContainsAnyExcept((byte)0);

    private static RefusedAttestation Refused(string code, string message)
        => new(new AttestationRefusal(code, message));

    private sealed class SameEvent : IEqualityComparer<RuntimeEvent>
    {
        public static readonly SameEvent Comparer = new();

        public bool Equals(RuntimeEvent? x, RuntimeEvent? y)
            => x is not null && y is not null && x.Name == y.Name && x.Version == y.Version
            && x.Payload.Span.SequenceEqual(y.Payload.Span);

        public int GetHashCode(RuntimeEvent value) => value.Name.GetHashCode(StringComparison.Ordinal);
    }
}

using Broker.Attestation.Decoding;
using Broker.Attestation.EventLog;
using Broker.Attestation.Quotes;

namespace Broker.Attestation.Evidence;

/// <summary>The envelope of a TDX machine: a quote, with the events behind its registers.</summary>
/// <param name="Quote">The DCAP quote.</param>
/// <param name="EventLog">All registers' events, or what was left of them for a certificate.</param>
/// <param name="RuntimeEvents">The events behind RTMR3: the list that is replayed.</param>
public sealed record TdxAttestation(
    EncodedQuote Quote,
    TdxEventLog EventLog,
    IReadOnlyList<RuntimeEvent> RuntimeEvents,
    ReadOnlyMemory<byte> ReportData,
    string Config,
    string? ReportDataPayload = null)
    : VersionedAttestation(RuntimeEvents, ReportData, Config, ReportDataPayload)
{
    /// <summary>
    /// A quote and a JSON event log as older guests hand them out (kms-protocol §5.6). The report data comes from the
    /// quote; there is no config, so nothing claims an OS image unless the request does.
    /// </summary>
    public static Decoded<VersionedAttestation> FromQuoteAndEventLog(
        ReadOnlyMemory<byte> quoteBytes, ReadOnlyMemory<byte> eventLog)
    {
        var log = CompressedEventLog.Parse(eventLog);
        if (!log.Succeeded) return log.RefusedAs<VersionedAttestation>("Failed to parse tdx_event_log");
        var quote = new EncodedQuote(quoteBytes);
        return quote.Parsed is { Succeeded: true, Quote.Body: var body }
            ? new TdxAttestation(quote, log.Value, log.Value.RuntimeEvents(), body.ReportData, "")
            : Decoded<VersionedAttestation>.Refused($"Failed to parse the quote: {quote.Parsed.Refusal}");
    }

    /// <summary>See <see cref="TdxEventLog.Stripped"/>.</summary>
    public override TdxAttestation StrippedForCertificate() => this with { EventLog = EventLog.Stripped() };

    private protected override bool NeedsMessagePack
        => base.NeedsMessagePack
        || EventLog.Events.Any(entry => entry.Version != EventDigestVersion.V1 || entry.Preimage is not null);
}

using Broker.Attestation.Decoding;
using Broker.Attestation.EventLog;
using Broker.Attestation.Quotes;

namespace Broker.Attestation.Evidence;

/// <summary>
/// dstack's attestation envelope for TDX: a quote together with what is needed to understand its registers. Nothing in
/// it is believed before <see cref="AttestationVerifier"/> has looked at it.
/// <para>
/// The bytes (kms-protocol §5.4) start with 0x00 for the SCALE form V0 or with a MessagePack map for V1; both must be
/// consumed to the last byte. A document of another platform is recognised and refused by its name.
/// </para>
/// </summary>
/// <param name="Quote">The DCAP quote.</param>
/// <param name="EventLog">All registers' events, or what was left of them for a certificate.</param>
/// <param name="RuntimeEvents">The events behind RTMR3: the list that is replayed.</param>
/// <param name="ReportData">64 bytes, to be equal to those in the quote.</param>
/// <param name="Config">JSON text: a vm_config, a sys-config that holds one as a string, or nothing.</param>
/// <param name="ReportDataPayload">For <c>dstack-pod</c>: the text that <paramref name="ReportData"/> is bound
/// to.</param>
public sealed record VersionedAttestation(
    EncodedQuote Quote,
    TdxEventLog EventLog,
    IReadOnlyList<RuntimeEvent> RuntimeEvents,
    ReadOnlyMemory<byte> ReportData,
    string Config,
    string? ReportDataPayload = null)
{
    /// <summary>The bound on an envelope, whatever carries it.</summary>
    public const int MaxLength = 10 * 1024 * 1024;

    public const int ReportDataLength = 64;

    /// <summary>Reads either form; the first byte decides which.</summary>
    public static Decoded<VersionedAttestation> Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return Decoded<VersionedAttestation>.Refused("Empty attestation bytes");
        if (bytes.Length > MaxLength)
        {
            return Decoded<VersionedAttestation>.Refused(
                $"attestation bytes too large: {bytes.Length} bytes, at most {MaxLength}");
        }

        return bytes[0] switch
        {
            ScaleAttestation.Version => ScaleAttestation.Decode(bytes),
            >= 0x80 and <= 0x8f or 0xde or 0xdf => MessagePackAttestation.Decode(bytes),
            _ => Decoded<VersionedAttestation>.Refused("Unknown attestation wire format"),
        };
    }

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
            ? new VersionedAttestation(quote, log.Value, log.Value.RuntimeEvents(), body.ReportData, "")
            : Decoded<VersionedAttestation>.Refused($"Failed to parse the quote: {quote.Parsed.Refusal}");
    }

    /// <summary>The bytes as dstack would write them: V0, unless something in here exists in V1 only.</summary>
    public byte[] Encode() => NeedsMessagePack ? MessagePackAttestation.Encode(this) : ScaleAttestation.Encode(this);

    /// <summary>
    /// The same evidence without what a certificate has no room for; see <see cref="TdxEventLog.Stripped"/>.
    /// </summary>
    public VersionedAttestation StrippedForCertificate() => this with { EventLog = EventLog.Stripped() };

    private bool NeedsMessagePack
        => ReportDataPayload is not null
        || RuntimeEvents.Any(entry => entry.Version != EventDigestVersion.V1)
        || EventLog.Events.Any(entry => entry.Version != EventDigestVersion.V1 || entry.Preimage is not null);
}

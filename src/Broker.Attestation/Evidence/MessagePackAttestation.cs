using Broker.Attestation.Codecs;
using Broker.Attestation.Decoding;
using Broker.Attestation.EventLog;
using Broker.Attestation.Quotes;

namespace Broker.Attestation.Evidence;

/// <summary>
/// The envelope's V1 form: MessagePack maps with names.
/// <code>
/// { version: 1,
///   platform: { kind: "tdx", data: { quote, event_log: [ { imr, event_type, digest, event, event_payload, version?,
///                                                          preimage? } ] } }
///           | { kind: "sev-snp", data: { report, cert_chain: [ bytes ], mr_config } },
///   stack: { kind: "dstack" | "dstack-pod",
///            data: { report_data, runtime_events: [ { event, payload, version? } ], config, report_data_payload? } } }
/// </code>
/// Written in this order, quote and report data as arrays of numbers and the other bytes as binary. Read in any order
/// and in either byte form; a key that comes twice is refused, an unknown one is passed over.
/// </summary>
internal static class MessagePackAttestation
{
    public const ulong Version = 1;

    public static Decoded<VersionedAttestation> Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new MessagePackReader(bytes);
        var top = MessagePackMap.Read(ref reader);
        reader.ExpectEnd();

        top.Seek(ref reader, "version");
        var version = reader.ReadUnsigned();
        if (!reader.Failed && version != Version)
        {
            return Refused($"unsupported attestation version: expected {Version}, got {version}");
        }

        top.Seek(ref reader, "platform");
        var (kind, platformData) = ReadTagged(ref reader);
        var platform = TeePlatformNames.FromWireKind(kind);
        if (!reader.Failed && platform is { } known && !known.IsVerified())
            return Refused(TeePlatformNames.Unsupported(known));
        if (platform is null) reader.Fail("unknown platform kind");

        VersionedAttestation attestation = platform == TeePlatform.AmdSevSnp
            ? ReadSnp(ref reader, platformData, top)
            : ReadTdx(ref reader, platformData, top);
        if (reader.Failure is { } failure) return Refused($"malformed attestation: {failure}");
        return attestation.ReportData.Length == VersionedAttestation.ReportDataLength
            ? attestation
            : Refused("stack.report_data must be 64 bytes");
    }

    public static byte[] Encode(VersionedAttestation attestation)
    {
        var writer = new MessagePackWriter();
        writer.WriteMapHeader(3);
        writer.WriteString("version");
        writer.WriteUnsigned(Version);

        writer.WriteString("platform");
        switch (attestation)
        {
            case TdxAttestation tdx:
                WriteTdx(writer, tdx);
                break;
            case SnpAttestation snp:
                WriteSnp(writer, snp);
                break;
        }

        writer.WriteString("stack");
        var isPod = attestation.ReportDataPayload is not null;
        WriteTag(writer, isPod ? "dstack-pod" : "dstack", isPod ? 4 : 3);
        writer.WriteString("report_data");
        writer.WriteByteArray(attestation.ReportData.Span);
        writer.WriteString("runtime_events");
        writer.WriteArrayHeader(attestation.RuntimeEvents.Count);
        foreach (var entry in attestation.RuntimeEvents) WriteRuntimeEvent(writer, entry);
        writer.WriteString("config");
        writer.WriteString(attestation.Config);
        if (isPod)
        {
            writer.WriteString("report_data_payload");
            writer.WriteString(attestation.ReportDataPayload!);
        }

        return writer.ToArray();
    }

    private static TdxAttestation ReadTdx(ref MessagePackReader reader, MessagePackMap data, MessagePackMap top)
    {
        data.Seek(ref reader, "quote");
        var quote = reader.ReadBytes();
        data.Seek(ref reader, "event_log");
        var log = new TdxEventLog(ReadList(ref reader, ReadTdxEvent));
        var stack = ReadStack(ref reader, top);
        return new TdxAttestation(
            new EncodedQuote(quote), log, stack.Events, stack.ReportData, stack.Config, stack.Payload);
    }

    private static SnpAttestation ReadSnp(ref MessagePackReader reader, MessagePackMap data, MessagePackMap top)
    {
        data.Seek(ref reader, "report");
        var report = reader.ReadBytes();
        data.Seek(ref reader, "cert_chain");
        var chain = new List<ReadOnlyMemory<byte>>();
        var count = reader.ReadArrayHeader();
        for (var i = 0; i < count && !reader.Failed; i++) chain.Add(reader.ReadBytes());
        data.Seek(ref reader, "mr_config");
        var mrConfig = reader.ReadString();
        var stack = ReadStack(ref reader, top);
        return new SnpAttestation(
            report, chain, mrConfig, stack.Events, stack.ReportData, stack.Config, stack.Payload);
    }

    private static Stack ReadStack(ref MessagePackReader reader, MessagePackMap top)
    {
        top.Seek(ref reader, "stack");
        var (kind, data) = ReadTagged(ref reader);
        data.Seek(ref reader, "report_data");
        var reportData = reader.ReadBytes();
        data.Seek(ref reader, "runtime_events");
        var events = ReadList(ref reader, ReadRuntimeEvent);
        data.Seek(ref reader, "config");
        var config = reader.ReadString();
        string? payload = null;
        if (kind == "dstack-pod")
        {
            data.Seek(ref reader, "report_data_payload");
            payload = reader.ReadString();
        }
        else if (kind != "dstack")
        {
            reader.Fail("unknown stack kind");
        }

        return new Stack(events, reportData, config, payload);
    }

    private static void WriteTdx(MessagePackWriter writer, TdxAttestation attestation)
    {
        WriteTag(writer, "tdx", 2);
        writer.WriteString("quote");
        writer.WriteByteArray(attestation.Quote.Bytes.Span);
        writer.WriteString("event_log");
        writer.WriteArrayHeader(attestation.EventLog.Events.Count);
        foreach (var entry in attestation.EventLog.Events) WriteTdxEvent(writer, entry);
    }

    private static void WriteSnp(MessagePackWriter writer, SnpAttestation attestation)
    {
        WriteTag(writer, "sev-snp", 3);
        writer.WriteString("report");
        writer.WriteByteArray(attestation.Report.Span);
        writer.WriteString("cert_chain");
        writer.WriteArrayHeader(attestation.CertificateChain.Count);
        foreach (var element in attestation.CertificateChain) writer.WriteByteArray(element.Span);
        writer.WriteString("mr_config");
        writer.WriteString(attestation.MrConfig);
    }

    private sealed record Stack(List<RuntimeEvent> Events, byte[] ReportData, string Config, string? Payload);

    private delegate T ItemReader<T>(ref MessagePackReader reader, MessagePackMap item);

    private static List<T> ReadList<T>(ref MessagePackReader reader, ItemReader<T> read)
    {
        var count = reader.ReadArrayHeader();
        var items = new List<T>();
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            var item = MessagePackMap.Read(ref reader);
            var next = reader.Position;
            items.Add(read(ref reader, item));
            reader.Position = next;
        }

        return items;
    }

    private static TdxEvent ReadTdxEvent(ref MessagePackReader reader, MessagePackMap item)
    {
        item.Seek(ref reader, "imr");
        var imr = ReadUInt32(ref reader);
        item.Seek(ref reader, "event_type");
        var type = ReadUInt32(ref reader);
        item.Seek(ref reader, "digest");
        var digest = reader.ReadBytes();
        item.Seek(ref reader, "event");
        var name = reader.ReadString();
        item.Seek(ref reader, "event_payload");
        var payload = reader.ReadBytes();
        var version = ReadVersion(ref reader, item);
        var preimage = item.TrySeek(ref reader, "preimage") && !reader.TryReadNil() ? reader.ReadString() : null;
        return new TdxEvent(imr, type, digest, name, payload, version, preimage);
    }

    private static RuntimeEvent ReadRuntimeEvent(ref MessagePackReader reader, MessagePackMap item)
    {
        item.Seek(ref reader, "event");
        var name = reader.ReadString();
        item.Seek(ref reader, "payload");
        var payload = reader.ReadBytes();
        return new RuntimeEvent(name, payload, ReadVersion(ref reader, item));
    }

    private static EventDigestVersion ReadVersion(ref MessagePackReader reader, MessagePackMap item)
    {
        if (!item.TrySeek(ref reader, "version")) return EventDigestVersion.V1;
        var version = reader.ReadUnsigned();
        if (version is not (1 or 2)) reader.Fail($"event digest version {version}");
        return version == 2 ? EventDigestVersion.V2 : EventDigestVersion.V1;
    }

    private static uint ReadUInt32(ref MessagePackReader reader)
    {
        var value = reader.ReadUnsigned();
        if (value > uint.MaxValue) reader.Fail($"{value} where 32 bits are all there is");
        return (uint)value;
    }

    private static (string Kind, MessagePackMap Data) ReadTagged(ref MessagePackReader reader)
    {
        var tagged = MessagePackMap.Read(ref reader);
        tagged.Seek(ref reader, "kind");
        var kind = reader.ReadString();
        tagged.Seek(ref reader, "data");
        return (kind, MessagePackMap.Read(ref reader));
    }

    private static void WriteTag(MessagePackWriter writer, string kind, int fields)
    {
        writer.WriteMapHeader(2);
        writer.WriteString("kind");
        writer.WriteString(kind);
        writer.WriteString("data");
        writer.WriteMapHeader(fields);
    }

    private static void WriteTdxEvent(MessagePackWriter writer, TdxEvent entry)
    {
        var hasVersion = entry.Version != EventDigestVersion.V1;
        writer.WriteMapHeader(5 + (hasVersion ? 1 : 0) + (entry.Preimage is null ? 0 : 1));
        writer.WriteString("imr");
        writer.WriteUnsigned(entry.Imr);
        writer.WriteString("event_type");
        writer.WriteUnsigned(entry.EventType);
        writer.WriteString("digest");
        writer.WriteBinary(entry.Digest.Span);
        writer.WriteString("event");
        writer.WriteString(entry.Name);
        writer.WriteString("event_payload");
        writer.WriteBinary(entry.Payload.Span);
        WriteVersion(writer, entry.Version);
        if (entry.Preimage is null) return;
        writer.WriteString("preimage");
        writer.WriteString(entry.Preimage);
    }

    private static void WriteRuntimeEvent(MessagePackWriter writer, RuntimeEvent entry)
    {
        writer.WriteMapHeader(entry.Version == EventDigestVersion.V1 ? 2 : 3);
        writer.WriteString("event");
        writer.WriteString(entry.Name);
        writer.WriteString("payload");
        writer.WriteBinary(entry.Payload.Span);
        WriteVersion(writer, entry.Version);
    }

    private static void WriteVersion(MessagePackWriter writer, EventDigestVersion version)
    {
        if (version == EventDigestVersion.V1) return;
        writer.WriteString("version");
        writer.WriteUnsigned((ulong)version);
    }

    private static Decoded<VersionedAttestation> Refused(string error) => Decoded<VersionedAttestation>.Refused(error);
}

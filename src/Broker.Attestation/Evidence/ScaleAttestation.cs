using Broker.Attestation.Codecs;
using Broker.Attestation.Decoding;
using Broker.Attestation.EventLog;
using Broker.Attestation.Quotes;

namespace Broker.Attestation.Evidence;

/// <summary>
/// The envelope's V0 form (SCALE):
/// <code>
/// 00                      version
/// u8                      platform: 0 TDX, 1 GCP TDX, 2 Nitro Enclave, 3 AMD SEV-SNP, 4 AWS NitroTPM
/// TDX: quote              bytes
///      event log          vector of { imr u32, event type u32, digest bytes, name string, payload bytes }
/// SEV-SNP: report         bytes
///      certificate chain  vector of bytes
///      mr_config          string
/// runtime events          vector of { name string, payload bytes }
/// report data             64 bytes, no length
/// config                  string
/// </code>
/// </summary>
internal static class ScaleAttestation
{
    public const byte Version = 0;

    // Two integers and three empty vectors; two empty vectors.
    private const int SmallestTdxEvent = 11;
    private const int SmallestRuntimeEvent = 2;

    public static Decoded<VersionedAttestation> Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new ScaleReader(bytes);
        reader.ReadByte();
        var platform = (TeePlatform)reader.ReadByte();
        if (!Enum.IsDefined(platform)) reader.Fail($"unknown quote variant {(int)platform}");
        else if (!platform.IsVerified()) return Refused(TeePlatformNames.Unsupported(platform));

        VersionedAttestation attestation = platform == TeePlatform.AmdSevSnp
            ? ReadSnp(ref reader)
            : ReadTdx(ref reader);
        reader.ExpectEnd();
        return reader.Failure is { } failure ? Refused($"malformed attestation: {failure}") : attestation;
    }

    public static byte[] Encode(VersionedAttestation attestation)
    {
        var writer = new ScaleWriter();
        writer.WriteByte(Version);
        switch (attestation)
        {
            case TdxAttestation tdx:
                WriteTdx(writer, tdx);
                break;
            case SnpAttestation snp:
                WriteSnp(writer, snp);
                break;
        }

        writer.WriteLength(attestation.RuntimeEvents.Count);
        foreach (var entry in attestation.RuntimeEvents)
        {
            writer.WriteString(entry.Name);
            writer.WriteBytes(entry.Payload.Span);
        }

        writer.WriteFixed(attestation.ReportData.Span);
        writer.WriteString(attestation.Config);
        return writer.ToArray();
    }

    private static TdxAttestation ReadTdx(ref ScaleReader reader) => new(
        new EncodedQuote(reader.ReadBytes()),
        new TdxEventLog(ReadEventLog(ref reader)),
        ReadRuntimeEvents(ref reader),
        reader.ReadFixed(VersionedAttestation.ReportDataLength),
        reader.ReadString());

    private static SnpAttestation ReadSnp(ref ScaleReader reader) => new(
        reader.ReadBytes(),
        ReadChain(ref reader),
        reader.ReadString(),
        ReadRuntimeEvents(ref reader),
        reader.ReadFixed(VersionedAttestation.ReportDataLength),
        reader.ReadString());

    private static void WriteTdx(ScaleWriter writer, TdxAttestation attestation)
    {
        writer.WriteByte((byte)TeePlatform.Tdx);
        writer.WriteBytes(attestation.Quote.Bytes.Span);
        writer.WriteLength(attestation.EventLog.Events.Count);
        foreach (var entry in attestation.EventLog.Events)
        {
            writer.WriteUInt32(entry.Imr);
            writer.WriteUInt32(entry.EventType);
            writer.WriteBytes(entry.Digest.Span);
            writer.WriteString(entry.Name);
            writer.WriteBytes(entry.Payload.Span);
        }
    }

    private static void WriteSnp(ScaleWriter writer, SnpAttestation attestation)
    {
        writer.WriteByte((byte)TeePlatform.AmdSevSnp);
        writer.WriteBytes(attestation.Report.Span);
        writer.WriteLength(attestation.CertificateChain.Count);
        foreach (var element in attestation.CertificateChain) writer.WriteBytes(element.Span);
        writer.WriteString(attestation.MrConfig);
    }

    private static List<ReadOnlyMemory<byte>> ReadChain(ref ScaleReader reader)
    {
        var count = reader.ReadLength(1);
        var chain = new List<ReadOnlyMemory<byte>>();
        for (var i = 0; i < count && !reader.Failed; i++) chain.Add(reader.ReadBytes());
        return chain;
    }

    private static List<TdxEvent> ReadEventLog(ref ScaleReader reader)
    {
        var count = reader.ReadLength(SmallestTdxEvent);
        var events = new List<TdxEvent>(count);
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            events.Add(new TdxEvent(
                reader.ReadUInt32(), reader.ReadUInt32(), reader.ReadBytes(), reader.ReadString(), reader.ReadBytes()));
        }

        return events;
    }

    private static List<RuntimeEvent> ReadRuntimeEvents(ref ScaleReader reader)
    {
        var count = reader.ReadLength(SmallestRuntimeEvent);
        var events = new List<RuntimeEvent>();
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            events.Add(new RuntimeEvent(reader.ReadString(), reader.ReadBytes()));
        }

        return events;
    }

    private static Decoded<VersionedAttestation> Refused(string error) => Decoded<VersionedAttestation>.Refused(error);
}

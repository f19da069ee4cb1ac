using System.Buffers.Binary;
using Broker.Attestation.SevSnp.Reports;

namespace Broker.Attestation.SevSnp.Certificates;

/// <summary>
/// The certificates that a host gives to its guest, as the kernel hands them on:
/// <code>
/// 16 bytes  GUID, in the order of its text
/// u32       offset of the certificate, from the start of the table
/// u32       its length
/// </code>
/// one entry after the other, the last one all zero, then the certificates (DER) and any padding.
/// </summary>
public static class CertificateTable
{
    /// <summary>A kernel gives four pages or less.</summary>
    public const int MaxLength = 64 * 1024;

    private const int EntryLength = 24;
    private const int GuidLength = 16;
    private const int MostEntries = 16;

    private static readonly Guid Vcek = new("63da758d-e664-4564-adc5-f4b93be8accd");
    private static readonly Guid Vlek = new("a8074bc2-a25a-483e-aae6-39c045a0b8a1");
    private static readonly Guid Intermediate = new("4ab7b379-bbac-4fe4-a02f-05aef327c782");

    /// <summary>
    /// Finds leaf and intermediate. A certificate of a kind that comes twice refuses the table, for two readers could
    /// take different ones. A root in it is passed over.
    /// </summary>
    /// <param name="allowVlek">Whether a VLEK may stand in the place of the VCEK.</param>
    public static SnpOutcome<SnpCertificates> Read(ReadOnlyMemory<byte> table, bool allowVlek = false)
    {
        if (table.Length > MaxLength) return Malformed($"{table.Length} bytes, at most {MaxLength}");
        var entries = new Dictionary<Guid, ReadOnlyMemory<byte>>();
        for (var start = 0; ; start += EntryLength)
        {
            if (table.Length - start < EntryLength) return Malformed("no end of its entries");
            var entry = table.Span.Slice(start, EntryLength);
            if (!entry.ContainsAnyExcept((byte)0)) break;
            if (entries.Count == MostEntries) return Malformed($"more than {MostEntries} entries");

            var offset = BinaryPrimitives.ReadUInt32LittleEndian(entry[GuidLength..]);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(entry[(GuidLength + 4)..]);
            if (length == 0 || (ulong)offset + length > (ulong)table.Length)
                return Malformed("an entry without its certificate");
            var kind = new Guid(entry[..GuidLength], bigEndian: true);
            if (!entries.TryAdd(kind, table.Slice((int)offset, (int)length))) return Malformed("an entry twice");
        }

        return Take(entries, allowVlek);
    }

    private static SnpOutcome<SnpCertificates> Take(Dictionary<Guid, ReadOnlyMemory<byte>> entries, bool allowVlek)
    {
        var hasVlek = entries.TryGetValue(Vlek, out var vlek);
        if (hasVlek && !allowVlek)
        {
            return new SnpRefusal(
                SnpRefusalReason.SigningKey, "amd sev-snp vlek certificates are not supported yet");
        }

        if (hasVlek && entries.ContainsKey(Vcek)) return Malformed("both a VCEK and a VLEK");
        if (!hasVlek && !entries.TryGetValue(Vcek, out vlek)) return Missing("no VCEK");
        return entries.TryGetValue(Intermediate, out var intermediate)
            ? new SnpCertificates(vlek, intermediate)
            : Missing("no ASK");
    }

    private static SnpRefusal Malformed(string detail)
        => new(SnpRefusalReason.CertTable, $"certificate table: {detail}");

    private static SnpRefusal Missing(string detail)
        => new(SnpRefusalReason.CollateralMissing, $"certificate table: {detail}");
}

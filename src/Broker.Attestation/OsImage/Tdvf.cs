using System.Buffers.Binary;
using System.Security.Cryptography;
using Broker.Attestation.Decoding;

namespace Broker.Attestation.OsImage;

/// <summary>
/// TDX virtual firmware: which of its pages a TD starts with, and what they measure to (Intel TDX Virtual Firmware
/// Design Guide §11, TDX Module Base Specification on TDH.MEM.PAGE.ADD and TDH.MR.EXTEND).
/// <para>
/// The image ends with a table of GUIDed entries, read backwards from 32 bytes before the end. One entry says how far
/// from the end the descriptor stands: <c>TDVF</c>, length, version 1, count, then sections of 32 bytes.
/// </para>
/// </summary>
internal sealed class Tdvf
{
    private const int PageSize = 0x1000;
    private const int ChunkSize = 0x100;
    private const int EntryHeaderLength = 18;
    private const int BytesAfterFooter = 32;
    private const int DescriptorLength = 16;
    private const int SectionLength = 32;
    private const int MaxSections = 64;

    // Firmware is a few MiB; what it claims beyond that would only cost time.
    private const ulong MaxMeasuredMemory = 64 * 1024 * 1024;

    private static readonly Guid TableFooter = new("96b582de-1fb2-45f7-baea-a366c55a082d");
    private static readonly Guid MetadataOffset = new("e47a6535-984a-4798-865e-4685a7bf8ec2");

    private readonly ReadOnlyMemory<byte> _firmware;
    private readonly IReadOnlyList<TdvfSection> _sections;

    private Tdvf(ReadOnlyMemory<byte> firmware, IReadOnlyList<TdvfSection> sections)
    {
        _firmware = firmware;
        _sections = sections;
    }

    public static Decoded<Tdvf> Parse(ReadOnlyMemory<byte> firmware)
    {
        var image = firmware.Span;
        if (FindMetadata(image) is not { } start) return Refused("no TDVF metadata in the firmware");
        if (image.Length - start < DescriptorLength || !image[start..].StartsWith("TDVF"u8))
        {
            return Refused("invalid TDVF descriptor");
        }

        var version = BinaryPrimitives.ReadUInt32LittleEndian(image[(start + 8)..]);
        var count = BinaryPrimitives.ReadUInt32LittleEndian(image[(start + 12)..]);
        if (version != 1) return Refused($"unsupported TDVF version {version}");
        if (count > MaxSections || image.Length - start - DescriptorLength < SectionLength * count)
        {
            return Refused($"TDVF descriptor with {count} sections");
        }

        var sections = new List<TdvfSection>();
        for (var i = 0; i < count; i++)
        {
            var section = TdvfSection.Read(image.Slice(start + DescriptorLength + (SectionLength * i), SectionLength));
            if (section.Fault(image.Length) is { } fault) return Refused($"TDVF section {i}: {fault}");
            sections.Add(section);
        }

        // One by one first: two sizes of 2^63 add up to nothing.
        var isTooMuch = sections.Any(section => section.MemorySize > MaxMeasuredMemory)
            || sections.Aggregate(0UL, (sum, section) => sum + section.MemorySize) > MaxMeasuredMemory;
        return isTooMuch
            ? Refused("TDVF sections cover more memory than firmware has")
            : new Tdvf(firmware, sections);
    }

    /// <summary>MRTD, in one of the two orders in which versions of QEMU add and measure pages.</summary>
    public byte[] MrTd(bool twoPasses)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA384);
        foreach (var section in _sections)
        {
            var end = section.Address + section.MemorySize;
            for (var page = section.Address; page < end; page += PageSize)
            {
                AddPage(hash, section, page);
                if (!twoPasses) ExtendPage(hash, section, page);
            }

            if (!twoPasses) continue;
            for (var page = section.Address; page < end; page += PageSize) ExtendPage(hash, section, page);
        }

        return hash.GetHashAndReset();
    }

    /// <summary>What the hand-off block depends on; refused unless there is exactly one such section.</summary>
    public Decoded<TdHobLayout> HobLayout()
    {
        var accepted = _sections.Where(section => section.IsAcceptedEarly)
            .Select(section => (section.Address, section.MemorySize)).ToList();
        return _sections.Where(section => section.IsTdHob).ToList() is [var hob]
            ? new TdHobLayout(hob.Address, accepted)
            : Decoded<TdHobLayout>.Refused("TDVF metadata does not have exactly one TD_HOB section");
    }

    private static void AddPage(IncrementalHash hash, TdvfSection section, ulong page)
    {
        if (section.IsAddedLater) return;
        hash.AppendData(Record("MEM.PAGE.ADD"u8, page));
    }

    private void ExtendPage(IncrementalHash hash, TdvfSection section, ulong page)
    {
        if (!section.IsMeasured) return;
        Span<byte> content = stackalloc byte[ChunkSize];
        for (var chunk = page; chunk < page + PageSize; chunk += ChunkSize)
        {
            hash.AppendData(Record("MR.EXTEND"u8, chunk));
            section.Read(_firmware.Span, chunk, content);
            hash.AppendData(content);
        }
    }

    /// <summary>The 128 bytes that stand for one operation: its name, and at offset 16 the guest address.</summary>
    private static byte[] Record(ReadOnlySpan<byte> operation, ulong address)
    {
        var record = new byte[128];
        operation.CopyTo(record);
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(16), address);
        return record;
    }

    private static int? FindMetadata(ReadOnlySpan<byte> image)
    {
        if (image.Length < BytesAfterFooter + EntryHeaderLength) return null;
        var rest = image[..^BytesAfterFooter];
        if (new Guid(rest[^16..]) != TableFooter) return null;
        var tableLength = BinaryPrimitives.ReadUInt16LittleEndian(rest[^EntryHeaderLength..]);
        rest = rest[..^EntryHeaderLength];
        if (tableLength > rest.Length) return null;

        for (var table = rest[^tableLength..]; table.Length >= EntryHeaderLength;)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(table[^EntryHeaderLength..]);
            if (length < EntryHeaderLength || length > table.Length) return null;
            if (new Guid(table[^16..]) == MetadataOffset)
            {
                if (length < EntryHeaderLength + sizeof(uint)) return null;
                var fromEnd = BinaryPrimitives.ReadUInt32LittleEndian(table[^(EntryHeaderLength + sizeof(uint))..]);
                return fromEnd <= (uint)image.Length ? image.Length - (int)fromEnd : null;
            }

            table = table[..^length];
        }

        return null;
    }

    private static Decoded<Tdvf> Refused(string error)
        => Decoded<Tdvf>.Refused($"failed to parse TDVF metadata: {error}");
}

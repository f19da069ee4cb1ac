using System.Buffers.Binary;

namespace Broker.Attestation.OsImage;

/// <summary>
/// One section of TDX virtual firmware: a piece of the image, or of empty memory, at a guest address.
/// </summary>
internal readonly record struct TdvfSection(
    uint DataOffset, uint DataSize, ulong Address, ulong MemorySize, uint Type, uint Attributes)
{
    private const uint TdHob = 2;
    private const uint TempMemory = 3;
    private const uint MrExtend = 1;
    private const uint PageAug = 2;
    private const ulong PageSize = 0x1000;

    public bool IsTdHob => Type == TdHob;

    /// <summary>Memory that firmware uses before it accepts any.</summary>
    public bool IsAcceptedEarly => Type is TdHob or TempMemory;

    /// <summary>Its contents are measured, and not only that it is there.</summary>
    public bool IsMeasured => (Attributes & MrExtend) != 0;

    /// <summary>Its pages are added after the start and leave no trace in MRTD.</summary>
    public bool IsAddedLater => (Attributes & PageAug) != 0;

    public static TdvfSection Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[28..]));

    /// <summary>Why this is not a section of an image of that length; null when it is one.</summary>
    public string? Fault(int imageLength)
    {
        if (Address % PageSize != 0) return "memory address is not aligned";
        if (MemorySize % PageSize != 0) return "memory size is not aligned";
        if (Address > ulong.MaxValue - MemorySize) return "memory reaches past the address space";
        if (DataSize > MemorySize) return "more data than memory";
        return (ulong)DataOffset + DataSize > (ulong)imageLength ? "data reaches past the image" : null;
    }

    /// <summary>
    /// What stands in memory at that address: the image's bytes, and zeros where they end before the memory does.
    /// </summary>
    public void Read(ReadOnlySpan<byte> image, ulong address, Span<byte> content)
    {
        content.Clear();
        var offset = address - Address;
        if (offset >= DataSize) return;
        var length = (int)Math.Min((ulong)content.Length, DataSize - offset);
        image.Slice((int)(DataOffset + offset), length).CopyTo(content);
    }
}

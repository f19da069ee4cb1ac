using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Broker.Attestation.OsImage;

/// <summary>
/// Where firmware keeps its hand-off block and which memory it accepts before it measures; bytes, page-aligned.
/// </summary>
/// <param name="Base">The address of the hand-off block list.</param>
/// <param name="Accepted">Ranges by start and length, that do not overlap.</param>
internal sealed record TdHobLayout(ulong Base, IReadOnlyList<(ulong Start, ulong Length)> Accepted);

/// <summary>
/// The TD hand-off block list, whose digest is RTMR0's first event (kms-protocol §9.4): a 56-byte header, then a
/// 48-byte resource descriptor for each range of memory. It depends on the firmware's layout and on the size of memory
/// alone.
/// </summary>
internal static class TdHob
{
    /// <summary>
    /// From here on QEMU splits memory below and above 4 GiB, and every size gives the same kernel digest.
    /// </summary>
    public const ulong SplitMemory = 0xB000_0000;

    private const int HeaderLength = 56;
    private const int ResourceLength = 48;
    private const ulong LowMemoryEnd = 0x8000_0000;
    private const ulong HighMemoryStart = 0x1_0000_0000;
    private const byte SystemMemory = 0;
    private const byte UnacceptedMemory = 7;

    public static byte[] Measure(TdHobLayout layout, ulong memorySize) => SHA384.HashData(Build(layout, memorySize));

    /// <summary>The bytes that are hashed; the entry that ends the list is not among them.</summary>
    public static byte[] Build(TdHobLayout layout, ulong memorySize)
    {
        var resources = new List<(byte Type, ulong Start, ulong Length)>();
        var ranges = Partition(layout, memorySize);
        foreach (var (accepted, start, end) in ranges.SkipLast(1))
        {
            resources.Add((accepted ? SystemMemory : UnacceptedMemory, start, end - start));
        }

        var (_, lastStart, lastEnd) = ranges[^1];
        if (memorySize < SplitMemory)
        {
            resources.Add((UnacceptedMemory, lastStart, lastEnd - lastStart));
        }
        else
        {
            if (lastStart < LowMemoryEnd) resources.Add((UnacceptedMemory, lastStart, LowMemoryEnd - lastStart));
            if (lastEnd > LowMemoryEnd) resources.Add((UnacceptedMemory, HighMemoryStart, lastEnd - LowMemoryEnd));
        }

        return Write(layout.Base, resources);
    }

    /// <summary>
    /// All of memory, cut at the accepted ranges, by start. The last range is what becomes of the rest.
    /// </summary>
    private static List<(bool Accepted, ulong Start, ulong End)> Partition(TdHobLayout layout, ulong memorySize)
    {
        List<(bool Accepted, ulong Start, ulong End)> ranges = [(false, 0, memorySize)];
        foreach (var (start, length) in layout.Accepted)
        {
            var end = start + length;
            var next = new List<(bool Accepted, ulong Start, ulong End)> { (true, start, end) };
            foreach (var range in ranges)
            {
                if (range.Accepted || range.End <= start || range.Start >= end) next.Add(range);
                else next.AddRange(Cut(range, start, end));
            }

            ranges = [.. next.OrderBy(range => range.Start)];
        }

        return ranges;
    }

    private static IEnumerable<(bool Accepted, ulong Start, ulong End)> Cut(
        (bool Accepted, ulong Start, ulong End) range, ulong start, ulong end)
    {
        if (range.Start < start) yield return (false, range.Start, start);
        if (range.End > end) yield return (false, end, range.End);
    }

    private static byte[] Write(ulong address, List<(byte Type, ulong Start, ulong Length)> resources)
    {
        var bytes = new byte[HeaderLength + (ResourceLength * resources.Count)];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, 1);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), HeaderLength);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), 9);
        // Where the list ends: behind the 8 bytes of the entry that says so.
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(48), address + (ulong)bytes.Length + 8);
        for (var i = 0; i < resources.Count; i++)
        {
            var entry = bytes.AsSpan(HeaderLength + (ResourceLength * i), ResourceLength);
            BinaryPrimitives.WriteUInt16LittleEndian(entry, 3);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], ResourceLength);
            entry[24] = resources[i].Type;
            // Present, initialised, tested.
            BinaryPrimitives.WriteUInt32LittleEndian(entry[28..], 7);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[32..], resources[i].Start);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[40..], resources[i].Length);
        }

        return bytes;
    }
}

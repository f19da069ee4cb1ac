using Broker.Attestation.Decoding;

namespace Broker.Attestation.OsImage;

/// <summary>
/// A <see cref="TdHobLayout"/> in few bytes: unsigned LEB128 numbers in pages of 4 KiB, namely a base, the hand-off
/// block's distance from it, a count, and as many pairs of distance and length.
/// </summary>
internal static class TdHobWitness
{
    private const ulong PageSize = 0x1000;

    // Real firmware has four ranges; addresses above 2^52 do not exist.
    private const ulong MaxRanges = 256;
    private const ulong MaxPage = 1UL << 40;

    public static Decoded<TdHobLayout> Decode(ReadOnlySpan<byte> witness)
    {
        if (!TryRead(ref witness, out var basePage) || !TryRead(ref witness, out var hobDelta)
            || !TryRead(ref witness, out var count))
        {
            return Refused("truncated TD HOB witness");
        }

        if (count is 0 or > MaxRanges) return Refused($"TD HOB witness with {count} ranges");
        var accepted = new List<(ulong Start, ulong Length)>();
        for (var i = 0UL; i < count; i++)
        {
            if (!TryRead(ref witness, out var delta) || !TryRead(ref witness, out var pages))
            {
                return Refused("truncated TD HOB witness");
            }

            accepted.Add(((basePage + delta) * PageSize, pages * PageSize));
        }

        if (!witness.IsEmpty) return Refused("TD HOB witness has trailing bytes");
        return Overlap(accepted)
            ? Refused("TD HOB witness ranges are empty or overlap")
            : new TdHobLayout((basePage + hobDelta) * PageSize, accepted);
    }

    private static bool Overlap(List<(ulong Start, ulong Length)> ranges)
    {
        var end = 0UL;
        foreach (var (start, length) in ranges.OrderBy(range => range.Start))
        {
            if (length == 0 || start < end) return true;
            end = start + length;
        }

        return false;
    }

    private static bool TryRead(ref ReadOnlySpan<byte> input, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 42 && !input.IsEmpty; shift += 7)
        {
            var part = input[0];
            input = input[1..];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80) return value <= MaxPage;
        }

        return false;
    }

    private static Decoded<TdHobLayout> Refused(string error) => Decoded<TdHobLayout>.Refused(error);
}

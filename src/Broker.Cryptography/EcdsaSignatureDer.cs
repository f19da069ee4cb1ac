using System.Diagnostics.CodeAnalysis;

namespace Broker.Cryptography;

/// <summary>
/// The DER form of an ECDSA signature on P-256, <c>SEQUENCE { INTEGER r, INTEGER s }</c> (RFC 3279 §2.2.3), read
/// strictly. The framework's own reader takes a negative integer for a positive one, which gives a signature several
/// spellings.
/// </summary>
public static class EcdsaSignatureDer
{
    private const int NumberSize = 32;
    private const byte Sequence = 0x30;
    private const byte Integer = 0x02;

    /// <summary>
    /// Gives r ‖ s, 32 bytes each. False unless the bytes are the one DER encoding of two numbers that are not negative
    /// and fit in 32 bytes: lengths and integers in their shortest form (X.690 §10.1, §8.3), nothing behind the end.
    /// </summary>
    public static bool TryReadPair(ReadOnlySpan<byte> der, [NotNullWhen(true)] out byte[]? pair)
    {
        pair = null;
        // Two numbers of 32 bytes never need a length of more than one byte.
        if (der.Length < 2 || der[0] != Sequence || der[1] != der.Length - 2 || der[1] > 127) return false;
        var rest = der[2..];
        var numbers = new byte[2 * NumberSize];
        if (!TryTakeInteger(ref rest, numbers.AsSpan(0, NumberSize))) return false;
        if (!TryTakeInteger(ref rest, numbers.AsSpan(NumberSize)) || !rest.IsEmpty) return false;
        pair = numbers;
        return true;
    }

    private static bool TryTakeInteger(ref ReadOnlySpan<byte> rest, Span<byte> number)
    {
        if (rest.Length < 3 || rest[0] != Integer || rest[1] == 0 || rest[1] > rest.Length - 2) return false;
        var content = rest.Slice(2, rest[1]);
        rest = rest[(2 + content.Length)..];

        // The first bit is the sign. A zero byte may stand in front only to keep that bit clear.
        if (content[0] > 127) return false;
        if (content[0] == 0 && content.Length > 1)
        {
            if (content[1] <= 127) return false;
            content = content[1..];
        }

        if (content.Length > NumberSize) return false;
        content.CopyTo(number[(NumberSize - content.Length)..]);
        return true;
    }
}

using System.Buffers.Binary;

namespace Broker.Fuzz;

/// <summary>
/// Changes inputs a little: bits, bytes, lengths, pieces cut out, repeated, moved, or taken from another input. The
/// same seed gives the same inputs.
/// </summary>
internal sealed class Mutator(int seed)
{
    private const int Most = 96 * 1024;

    private static readonly uint[] Interesting =
    [
        0, 1, 2, 3, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe,
        0xffffffff,
    ];

    private static readonly byte[] Structural =
        [.. "\"\\{}[],:-0123456789eE.+/=\n \0"u8, 0x30, 0x80, 0x81, 0x82, 0x84, 0xa0, 0xc4, 0xdc, 0xde];

    private readonly Random _random = new(seed);

    /// <summary>A new input from one of the corpus, by one to six changes.</summary>
    public byte[] Mutate(IReadOnlyList<byte[]> corpus)
    {
        var input = (byte[])corpus[_random.Next(corpus.Count)].Clone();
        for (var changes = 1 + _random.Next(6); changes > 0; changes--) input = Change(input, corpus);
        return input;
    }

    private byte[] Change(byte[] input, IReadOnlyList<byte[]> corpus)
    {
        if (input.Length == 0) return [(byte)_random.Next(256)];
        var at = _random.Next(input.Length);
        switch (_random.Next(10))
        {
            case 0:
                input[at] ^= (byte)(1 << _random.Next(8));
                return input;
            case 1:
                input[at] = (byte)_random.Next(256);
                return input;
            case 2:
                input[at] = Structural[_random.Next(Structural.Length)];
                return input;
            case 3:
                return WriteInteresting(input, at);
            case 4:
                return input[..at];
            case 5:
                return [.. input[..at], .. input[Math.Min(input.Length, at + 1 + Size())..]];
            case 6:
                var piece = input[at..Math.Min(input.Length, at + Size())];
                return Bounded([.. input[..at], .. piece, .. input[at..]]);
            case 7:
                var random = new byte[Size()];
                _random.NextBytes(random);
                return Bounded([.. input[..at], .. random, .. input[at..]]);
            case 8:
                var other = corpus[_random.Next(corpus.Count)];
                if (other.Length == 0) return input;
                return Bounded([.. input[..at], .. other[_random.Next(other.Length)..]]);
            default:
                var to = _random.Next(input.Length);
                var length = Math.Min(Size(), input.Length - Math.Max(at, to));
                input.AsSpan(at, length).CopyTo(input.AsSpan(to, length));
                return input;
        }
    }

    private byte[] WriteInteresting(byte[] input, int at)
    {
        var value = Interesting[_random.Next(Interesting.Length)];
        if (input.Length - at < sizeof(uint))
        {
            input[at] = (byte)value;
        }
        else if (_random.Next(2) == 0)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(input.AsSpan(at), value);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(input.AsSpan(at), (ushort)value);
        }

        return input;
    }

    /// <summary>Mostly small, now and then large.</summary>
    private int Size() => 1 + _random.Next(_random.Next(8) == 0 ? 512 : 16);

    private static byte[] Bounded(byte[] input) => input.Length <= Most ? input : input[..Most];
}

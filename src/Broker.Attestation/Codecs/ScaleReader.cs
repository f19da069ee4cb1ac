using System.Buffers.Binary;
using System.Text;

namespace Broker.Attestation.Codecs;

/// <summary>
/// Reads the subset of the SCALE codec that dstack uses: little-endian integers, one-byte booleans and options, and
/// vectors and strings behind a compact length.
/// <para>
/// The first failure sticks: every later read answers the empty value and <see cref="Failure"/> keeps the first reason,
/// so a decoder reads straight down and asks once at its end. A length is held against the bytes that are really there
/// before anything is allocated; a compact number that has a shorter form is refused.
/// </para>
/// </summary>
internal ref struct ScaleReader(ReadOnlySpan<byte> input)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, true);

    private readonly ReadOnlySpan<byte> _input = input;

    private int _position;

    public string? Failure { get; private set; }

    public readonly bool Failed => Failure is not null;

    public readonly int Remaining => Failed ? 0 : _input.Length - _position;

    public byte ReadByte() => Take(1) is [var value] ? value : (byte)0;

    public uint ReadUInt32() => Take(4) is { Length: 4 } bytes ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;

    public ulong ReadUInt64() => Take(8) is { Length: 8 } bytes ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : 0;

    public bool ReadBoolean()
    {
        var value = ReadByte();
        if (value > 1) Fail($"a boolean of {value}");
        return value == 1;
    }

    /// <summary>The tag of an <c>Option</c>: true when a value follows.</summary>
    public bool ReadOption()
    {
        var tag = ReadByte();
        if (tag > 1) Fail($"an option tag of {tag}");
        return tag == 1;
    }

    /// <summary>A copy of the next <paramref name="length"/> bytes, which carry no length of their own.</summary>
    public byte[] ReadFixed(int length) => Take(length).ToArray();

    public byte[] ReadBytes() => Take(ReadLength(1)).ToArray();

    public byte[] ReadRest() => Take(Remaining).ToArray();

    public string ReadString()
    {
        try
        {
            return StrictUtf8.GetString(Take(ReadLength(1)));
        }
        catch (DecoderFallbackException)
        {
            Fail("a string that is not UTF-8");
            return "";
        }
    }

    /// <summary>
    /// The length of a vector. At least <paramref name="smallestItem"/> bytes must follow for each item, so the answer
    /// is never above what the input could hold.
    /// </summary>
    public int ReadLength(int smallestItem)
    {
        var length = ReadCompact();
        if ((ulong)length * (ulong)smallestItem <= (ulong)Remaining) return (int)length;
        Fail($"a length of {length} with {Remaining} bytes left");
        return 0;
    }

    public void ExpectEnd()
    {
        if (Remaining > 0) Fail($"{Remaining} trailing bytes");
    }

    public void Fail(string reason) => Failure ??= $"{reason} at offset {_position}";

    private uint ReadCompact()
    {
        var first = ReadByte();
        switch (first & 3)
        {
            case 0:
                return (uint)first >> 2;
            case 1:
                return Minimal((uint)((first | (ReadByte() << 8)) >> 2), 1 << 6);
            case 2:
                var low = (uint)(first | (ReadByte() << 8));
                return Minimal((low | ((uint)ReadByte() << 16) | ((uint)ReadByte() << 24)) >> 2, 1 << 14);
            default:
                // Four bytes and more: 2^30 and up, far above any bound of ours.
                Fail("a compact length of 2^30 or more");
                return 0;
        }
    }

    private uint Minimal(uint value, uint smallest)
    {
        if (value >= smallest) return value;
        Fail($"the compact length {value} in a longer form than it needs");
        return 0;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (Failed) return default;
        if (count > _input.Length - _position)
        {
            Fail($"the input ends {count - (_input.Length - _position)} bytes early");
            return default;
        }

        var taken = _input.Slice(_position, count);
        _position += count;
        return taken;
    }
}

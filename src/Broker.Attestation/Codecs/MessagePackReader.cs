using System.Buffers.Binary;
using System.Text;

namespace Broker.Attestation.Codecs;

/// <summary>
/// Reads the subset of MessagePack that dstack's named-map envelope uses: maps, arrays, strings, binary, unsigned
/// numbers and nil; anything else can only be skipped.
/// <para>
/// The first failure sticks, as in <see cref="ScaleReader"/>. Every count and length is held against the bytes that
/// are really there before anything is allocated, and nesting ends at <see cref="MaxDepth"/>.
/// </para>
/// </summary>
internal ref struct MessagePackReader(ReadOnlySpan<byte> input)
{
    public const int MaxDepth = 16;

    private static readonly UTF8Encoding StrictUtf8 = new(false, true);

    private readonly ReadOnlySpan<byte> _input = input;

    /// <summary>Where the next value starts; a decoder may come back to a value that it had skipped.</summary>
    public int Position { get; set; }

    public string? Failure { get; private set; }

    public readonly bool Failed => Failure is not null;

    public readonly int Remaining => Failed ? 0 : _input.Length - Position;

    /// <summary>How many pairs of key and value follow.</summary>
    public int ReadMapHeader()
    {
        var code = ReadByte();
        var count = code switch
        {
            >= 0x80 and <= 0x8f => (uint)(code & 0x0f),
            0xde => ReadUInt16(),
            0xdf => ReadUInt32(),
            _ => Unexpected("a map", code),
        };
        return Counted(count, 2);
    }

    public int ReadArrayHeader()
    {
        var code = ReadByte();
        var count = code switch
        {
            >= 0x90 and <= 0x9f => (uint)(code & 0x0f),
            0xdc => ReadUInt16(),
            0xdd => ReadUInt32(),
            _ => Unexpected("an array", code),
        };
        return Counted(count, 1);
    }

    public string ReadString()
    {
        var code = ReadByte();
        var length = code switch
        {
            >= 0xa0 and <= 0xbf => (uint)(code & 0x1f),
            0xd9 => ReadByte(),
            0xda => ReadUInt16(),
            0xdb => ReadUInt32(),
            _ => Unexpected("a string", code),
        };
        try
        {
            return StrictUtf8.GetString(Take(Counted(length, 1)));
        }
        catch (DecoderFallbackException)
        {
            Fail("a string that is not UTF-8");
            return "";
        }
    }

    /// <summary>Bytes in either of the two forms that writers use: binary, or an array of numbers up to 255.</summary>
    public byte[] ReadBytes()
    {
        switch (Peek())
        {
            case 0xc4:
                ReadByte();
                return Take(Counted(ReadByte(), 1)).ToArray();
            case 0xc5:
                ReadByte();
                return Take(Counted(ReadUInt16(), 1)).ToArray();
            case 0xc6:
                ReadByte();
                return Take(Counted(ReadUInt32(), 1)).ToArray();
        }

        var bytes = new byte[ReadArrayHeader()];
        for (var i = 0; i < bytes.Length && !Failed; i++)
        {
            var value = ReadUnsigned();
            if (value > byte.MaxValue) Fail($"{value} in an array of bytes");
            bytes[i] = (byte)value;
        }

        return Failed ? [] : bytes;
    }

    public ulong ReadUnsigned()
    {
        var code = ReadByte();
        return code switch
        {
            <= 0x7f => code,
            0xcc => ReadByte(),
            0xcd => ReadUInt16(),
            0xce => ReadUInt32(),
            0xcf => ReadUInt64(),
            _ => Unexpected("an unsigned number", code),
        };
    }

    /// <summary>Takes a nil when one is next; otherwise leaves the value where it is.</summary>
    public bool TryReadNil()
    {
        if (Peek() != 0xc0) return false;
        ReadByte();
        return true;
    }

    /// <summary>Passes over one value of any kind.</summary>
    public void Skip(int depth = 0)
    {
        if (depth > MaxDepth)
        {
            Fail($"more than {MaxDepth} levels");
            return;
        }

        switch (Peek())
        {
            case >= 0x80 and <= 0x8f or 0xde or 0xdf:
                SkipItems(2 * (long)ReadMapHeader(), depth);
                return;
            case >= 0x90 and <= 0x9f or 0xdc or 0xdd:
                SkipItems(ReadArrayHeader(), depth);
                return;
            case >= 0xa0 and <= 0xbf or >= 0xd9 and <= 0xdb:
                ReadString();
                return;
            case 0xc4 or 0xc5 or 0xc6:
                ReadBytes();
                return;
            default:
                SkipScalar(ReadByte());
                return;
        }
    }

    public void ExpectEnd()
    {
        if (Remaining > 0) Fail($"{Remaining} trailing bytes");
    }

    public void Fail(string reason) => Failure ??= $"{reason} at offset {Position}";

    private void SkipItems(long count, int depth)
    {
        for (var i = 0L; i < count && !Failed; i++) Skip(depth + 1);
    }

    private void SkipScalar(byte code)
    {
        var length = code switch
        {
            <= 0x7f or >= 0xe0 or 0xc0 or 0xc2 or 0xc3 => 0,
            0xcc or 0xd0 => 1,
            0xcd or 0xd1 => 2,
            0xca or 0xce or 0xd2 => 4,
            0xcb or 0xcf or 0xd3 => 8,
            _ => -1,
        };
        if (length < 0) Unexpected("a value of a known kind", code);
        else Take(length);
    }

    private readonly byte Peek() => Remaining > 0 ? _input[Position] : (byte)0xc1;

    private byte ReadByte() => Take(1) is [var value] ? value : (byte)0xc1;

    private uint ReadUInt16() => Take(2) is { Length: 2 } bytes ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : 0u;

    private uint ReadUInt32() => Take(4) is { Length: 4 } bytes ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : 0;

    private ulong ReadUInt64() => Take(8) is { Length: 8 } bytes ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : 0;

    private uint Unexpected(string wanted, byte code)
    {
        Fail($"0x{code:x2} where {wanted} belongs");
        return 0;
    }

    private int Counted(uint count, uint smallestItem)
    {
        if ((ulong)count * smallestItem <= (ulong)Remaining) return (int)count;
        Fail($"a length of {count} with {Remaining} bytes left");
        return 0;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (Failed) return default;
        if (count > _input.Length - Position)
        {
            Fail($"the input ends {count - (_input.Length - Position)} bytes early");
            return default;
        }

        var taken = _input.Slice(Position, count);
        Position += count;
        return taken;
    }
}

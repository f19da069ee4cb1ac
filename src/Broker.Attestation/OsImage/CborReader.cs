using System.Buffers.Binary;
using System.Text;

namespace Broker.Attestation.OsImage;

/// <summary>
/// Reads the subset of CBOR (RFC 8949) that image measurements use: maps with text keys, text, bytes and unsigned
/// numbers, all of definite length. The first failure sticks; no length is believed before the bytes are there.
/// </summary>
internal ref struct CborReader(ReadOnlySpan<byte> input)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, true);

    private readonly ReadOnlySpan<byte> _input = input;
    private int _position;

    private enum Major : byte
    {
        Unsigned = 0,
        Bytes = 2,
        Text = 3,
        Map = 5,
    }

    public string? Failure { get; private set; }

    public readonly bool Failed => Failure is not null;

    public ulong ReadUnsigned() => ReadHead(Major.Unsigned);

    public byte[] ReadBytes() => Take(ReadHead(Major.Bytes)).ToArray();

    public string ReadText()
    {
        try
        {
            return StrictUtf8.GetString(Take(ReadHead(Major.Text)));
        }
        catch (DecoderFallbackException)
        {
            Fail("text that is not UTF-8");
            return "";
        }
    }

    /// <summary>
    /// A map with exactly these keys, in this order: the form in which the image's maker writes, and the only one whose
    /// hash can be the listed one.
    /// </summary>
    public void ExpectMap(int count)
    {
        if (ReadHead(Major.Map) != (ulong)count) Fail($"a map without exactly {count} entries");
    }

    public void ExpectKey(string key)
    {
        if (ReadText() != key) Fail($"another key where {key} belongs");
    }

    public void ExpectEnd()
    {
        if (!Failed && _position < _input.Length) Fail("trailing bytes");
    }

    public void Fail(string reason) => Failure ??= $"{reason} at offset {_position}";

    private ulong ReadHead(Major wanted)
    {
        var initial = Take(1) is [var value] ? value : (byte)0xff;
        if (initial >> 5 != (int)wanted) Fail($"0x{initial:x2} where {wanted} belongs");
        return (initial & 0x1f) switch
        {
            < 24 and var small => (ulong)small,
            24 => Take(1) is [var one] ? one : 0u,
            25 => Take(2) is { Length: 2 } two ? BinaryPrimitives.ReadUInt16BigEndian(two) : 0u,
            26 => Take(4) is { Length: 4 } four ? BinaryPrimitives.ReadUInt32BigEndian(four) : 0u,
            27 => Take(8) is { Length: 8 } eight ? BinaryPrimitives.ReadUInt64BigEndian(eight) : 0u,
            _ => Indefinite(),
        };
    }

    private ulong Indefinite()
    {
        Fail("an indefinite length");
        return 0;
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (Failed) return default;
        if (count > (ulong)(_input.Length - _position))
        {
            Fail("the input ends early");
            return default;
        }

        var taken = _input.Slice(_position, (int)count);
        _position += (int)count;
        return taken;
    }
}

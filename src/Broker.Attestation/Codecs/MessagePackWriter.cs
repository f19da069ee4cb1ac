using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Broker.Attestation.Codecs;

/// <summary>Writes what <see cref="MessagePackReader"/> reads, every header in its shortest form.</summary>
internal sealed class MessagePackWriter
{
    private readonly ArrayBufferWriter<byte> _output = new();

    public byte[] ToArray() => _output.WrittenSpan.ToArray();

    public void WriteMapHeader(int count) => WriteHeader(count, 0x80, 15, 0xde, 0xdf);

    public void WriteArrayHeader(int count) => WriteHeader(count, 0x90, 15, 0xdc, 0xdd);

    public void WriteNil() => WriteByte(0xc0);

    public void WriteString(string value)
    {
        var utf8 = Encoding.UTF8.GetBytes(value);
        if (utf8.Length is > 31 and <= byte.MaxValue)
        {
            WriteByte(0xd9);
            WriteByte((byte)utf8.Length);
        }
        else
        {
            WriteHeader(utf8.Length, 0xa0, 31, 0xda, 0xdb);
        }

        _output.Write(utf8);
    }

    public void WriteBinary(ReadOnlySpan<byte> value)
    {
        if (value.Length <= byte.MaxValue)
        {
            WriteByte(0xc4);
            WriteByte((byte)value.Length);
        }
        else
        {
            WriteHeader(value.Length, 0, -1, 0xc5, 0xc6);
        }

        _output.Write(value);
    }

    /// <summary>Bytes as an array of numbers, which is what Rust's serde makes of a plain byte vector.</summary>
    public void WriteByteArray(ReadOnlySpan<byte> value)
    {
        WriteArrayHeader(value.Length);
        foreach (var number in value) WriteUnsigned(number);
    }

    public void WriteUnsigned(ulong value)
    {
        if (value <= 0x7f)
        {
            WriteByte((byte)value);
        }
        else if (value <= byte.MaxValue)
        {
            WriteByte(0xcc);
            WriteByte((byte)value);
        }
        else if (value <= ushort.MaxValue)
        {
            WriteByte(0xcd);
            WriteUInt16((ushort)value);
        }
        else if (value <= uint.MaxValue)
        {
            WriteByte(0xce);
            WriteUInt32((uint)value);
        }
        else
        {
            WriteByte(0xcf);
            BinaryPrimitives.WriteUInt64BigEndian(_output.GetSpan(8), value);
            _output.Advance(8);
        }
    }

    private void WriteHeader(int count, byte inline, int inlineLimit, byte code16, byte code32)
    {
        if (count <= inlineLimit)
        {
            WriteByte((byte)(inline | count));
        }
        else if (count <= ushort.MaxValue)
        {
            WriteByte(code16);
            WriteUInt16((ushort)count);
        }
        else
        {
            WriteByte(code32);
            WriteUInt32((uint)count);
        }
    }

    private void WriteByte(byte value)
    {
        _output.GetSpan(1)[0] = value;
        _output.Advance(1);
    }

    private void WriteUInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_output.GetSpan(2), value);
        _output.Advance(2);
    }

    private void WriteUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_output.GetSpan(4), value);
        _output.Advance(4);
    }
}

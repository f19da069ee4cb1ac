using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Broker.Attestation.Codecs;

/// <summary>Writes what <see cref="ScaleReader"/> reads; every compact number in its shortest form.</summary>
internal sealed class ScaleWriter
{
    private readonly ArrayBufferWriter<byte> _output = new();

    public byte[] ToArray() => _output.WrittenSpan.ToArray();

    public void WriteByte(byte value)
    {
        _output.GetSpan(1)[0] = value;
        _output.Advance(1);
    }

    public void WriteBoolean(bool value) => WriteByte(value ? (byte)1 : (byte)0);

    public void WriteUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_output.GetSpan(4), value);
        _output.Advance(4);
    }

    public void WriteUInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_output.GetSpan(8), value);
        _output.Advance(8);
    }

    /// <summary>Bytes as they are, without a length.</summary>
    public void WriteFixed(ReadOnlySpan<byte> value) => _output.Write(value);

    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        WriteLength(value.Length);
        _output.Write(value);
    }

    public void WriteString(string value) => WriteBytes(Encoding.UTF8.GetBytes(value));

    public void WriteLength(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(length, 1 << 30);
        var value = (uint)length << 2;
        if (length < 1 << 6)
        {
            WriteByte((byte)value);
        }
        else if (length < 1 << 14)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(_output.GetSpan(2), (ushort)(value | 1));
            _output.Advance(2);
        }
        else
        {
            WriteUInt32(value | 2);
        }
    }
}

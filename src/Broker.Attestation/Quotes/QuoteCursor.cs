using System.Buffers.Binary;

namespace Broker.Attestation.Quotes;

/// <summary>
/// Reads forward through foreign bytes and never past their end: every read says whether it had enough.
/// Lengths are compared as unsigned 64-bit numbers, so a declared length of 2^32 - 1 is only "too long".
/// </summary>
internal struct QuoteCursor(ReadOnlyMemory<byte> bytes)
{
    private readonly ReadOnlyMemory<byte> _bytes = bytes;

    public int Position { get; private set; }

    public readonly bool AtEnd => Position == _bytes.Length;

    public readonly ReadOnlyMemory<byte> Remaining => _bytes[Position..];

    /// <summary>The bytes from the start up to where the cursor stands.</summary>
    public readonly ReadOnlyMemory<byte> Consumed => _bytes[..Position];

    public bool TryTake(ulong length, out ReadOnlyMemory<byte> taken)
    {
        if (length > (ulong)(_bytes.Length - Position))
        {
            taken = default;
            return false;
        }

        taken = _bytes.Slice(Position, (int)length);
        Position += (int)length;
        return true;
    }

    public bool TryReadUInt16(out ushort value)
    {
        var enough = TryTake(sizeof(ushort), out var taken);
        value = enough ? BinaryPrimitives.ReadUInt16LittleEndian(taken.Span) : default;
        return enough;
    }

    public bool TryReadUInt32(out uint value)
    {
        var enough = TryTake(sizeof(uint), out var taken);
        value = enough ? BinaryPrimitives.ReadUInt32LittleEndian(taken.Span) : default;
        return enough;
    }
}

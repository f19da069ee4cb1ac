using System.Buffers.Binary;
using System.Text;
using Broker.Ledger.Merkle;

namespace Broker.Ledger.Notes;

/// <summary>
/// What an ML-DSA-44 cosignature signs (C2SP tlog-cosignature, "ML-DSA-44 signed message"), numbers big-endian:
/// <c>"subtree/v1\n\0" ‖ length of the cosigner's name (1) ‖ name ‖ time (8) ‖ length of the log's origin (1) ‖
/// origin ‖ start (8) ‖ end (8) ‖ root (32)</c>. Of a checkpoint the start is 0 and the end its size. Extension lines
/// are not in it: nobody says anything about them by such a signature.
/// </summary>
internal static class CosignedMessage
{
    /// <summary>Longest name or origin, in bytes of UTF-8: its length is one byte.</summary>
    public const int MaxName = 255;

    private static ReadOnlySpan<byte> Label => "subtree/v1\n\0"u8;

    /// <summary>The bytes; null where the origin, or the name, has more than 255 or none.</summary>
    public static byte[]? Format(string cosigner, long time, Checkpoint checkpoint)
    {
        var name = Encoding.UTF8.GetBytes(cosigner);
        var origin = Encoding.UTF8.GetBytes(checkpoint.Origin);
        if (name.Length is 0 or > MaxName || origin.Length is 0 or > MaxName) return null;
        return
        [
            .. Label,
            (byte)name.Length, .. name,
            .. Number(time),
            (byte)origin.Length, .. origin,
            .. Number(0),
            .. Number(checkpoint.Size),
            .. Bytes(checkpoint.Root),
        ];
    }

    private static byte[] Number(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Bytes(in MerkleHash hash)
    {
        var bytes = new byte[MerkleHash.Size];
        hash.CopyTo(bytes);
        return bytes;
    }
}

using System.Buffers.Binary;
using System.Text;
using Broker.Cryptography;

namespace Broker.Ledger.Notes;

/// <summary>
/// Timestamped cosignatures of C2SP tlog-cosignature: eight bytes of Unix time, big-endian, then the signature. Of
/// Ed25519 it is over <c>cosignature/v1\ntime &lt;t&gt;\n</c> and the checkpoint's text, of ML-DSA-44 over the
/// <see cref="CosignedMessage"/>. A witness says with it that, at that time, this was the largest consistent tree it
/// had seen; with ML-DSA-44 and a time of zero, only that the tree is consistent with all it has seen.
/// </summary>
public static class Cosignature
{
    private const int TimestampSize = 8;

    /// <summary>The signature line, with its newline, that the witness adds under the checkpoint.</summary>
    public static string Sign(string name, Ed25519SigningKey key, string checkpointText, DateTimeOffset now)
    {
        var verifier = new NoteKey(name, NoteKeyType.CosignatureV1, key.VerifyingKey);
        var time = now.ToUnixTimeSeconds();

        // Zero would say that the time was left out (tlog-witness, "add-checkpoint").
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(time, nameof(now));
        Span<byte> signed = stackalloc byte[4 + TimestampSize + Ed25519SigningKey.SignatureSize];
        BinaryPrimitives.WriteUInt32BigEndian(signed, verifier.Id);
        BinaryPrimitives.WriteInt64BigEndian(signed[4..], time);
        key.Sign(Message(checkpointText, time), signed[(4 + TimestampSize)..]);
        return $"\u2014 {name} {Convert.ToBase64String(signed)}\n";
    }

    /// <summary>
    /// When the witness says to have signed; null when it does not say, which zero means, or names no year before
    /// 10000.
    /// </summary>
    public static DateTimeOffset? TimeOf(NoteSignature signature)
    {
        if (signature.Value.Length is not (
            TimestampSize + Ed25519VerifyingKey.SignatureSize or TimestampSize + MLDsa44VerifyingKey.SignatureSize))
        {
            return null;
        }

        var time = BinaryPrimitives.ReadInt64BigEndian(signature.Value.Span);
        return time is > 0 and <= 253_402_300_799 ? DateTimeOffset.FromUnixTimeSeconds(time) : null;
    }

    internal static bool IsBy(NoteKey key, string checkpointText, ReadOnlySpan<byte> signature)
    {
        if (signature.Length <= TimestampSize) return false;
        var time = BinaryPrimitives.ReadInt64BigEndian(signature);
        if (time < 0) return false;
        var message = key.Type == NoteKeyType.MLDsa44Cosignature
            ? Checkpoint.TryParse(checkpointText, out var checkpoint)
                ? CosignedMessage.Format(key.Name, time, checkpoint)
                : null
            : Message(checkpointText, time);
        return message is not null && key.Key.Verify(message, signature[TimestampSize..]);
    }

    private static byte[] Message(string checkpointText, long time) =>
        Encoding.UTF8.GetBytes($"cosignature/v1\ntime {time}\n{checkpointText}");
}

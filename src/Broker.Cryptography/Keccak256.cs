namespace Broker.Cryptography;

/// <summary>
/// Keccak-256 as Ethereum uses it: the submission to the SHA-3 contest with its padding <c>0x01</c>. It is not
/// SHA3-256, which pads with <c>0x06</c>. Allocates nothing when the caller brings the room.
/// </summary>
public static class Keccak256
{
    public const int HashSizeInBytes = 32;

    private const byte Padding = 0x01;
    private const int RateInBytes = 136;

    /// <summary>The 32-byte digest of <paramref name="source"/>.</summary>
    public static byte[] HashData(ReadOnlySpan<byte> source)
    {
        var hash = new byte[HashSizeInBytes];
        HashData(source, hash);
        return hash;
    }

    /// <summary>Writes the digest into the first 32 bytes of <paramref name="destination"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than 32 bytes.</exception>
    public static void HashData(ReadOnlySpan<byte> source, Span<byte> destination) => HashData(source, [], destination);

    /// <summary>The digest of one piece followed by another, without joining them first.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than 32 bytes.</exception>
    public static void HashData(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> destination)
    {
        if (destination.Length < HashSizeInBytes)
        {
            throw new ArgumentException("a Keccak-256 digest needs 32 bytes", nameof(destination));
        }

        var sponge = new KeccakSponge(RateInBytes);
        sponge.Absorb(first);
        sponge.Absorb(second);
        sponge.Squeeze(Padding, destination[..HashSizeInBytes]);
    }

    /// <summary>False, with nothing written, when <paramref name="destination"/> is shorter than 32 bytes.</summary>
    public static bool TryHashData(ReadOnlySpan<byte> source, Span<byte> destination, out int bytesWritten)
    {
        if (destination.Length < HashSizeInBytes)
        {
            bytesWritten = 0;
            return false;
        }

        HashData(source, destination);
        bytesWritten = HashSizeInBytes;
        return true;
    }
}

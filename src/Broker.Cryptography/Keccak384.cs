namespace Broker.Cryptography;

/// <summary>
/// Keccak-384 with the original padding <c>0x01</c>: 48 bytes, not SHA3-384. See <see cref="Keccak256"/>.
/// </summary>
public static class Keccak384
{
    public const int HashSizeInBytes = 48;

    private const byte Padding = 0x01;
    private const int RateInBytes = 104;

    /// <summary>The 48-byte digest of <paramref name="source"/>.</summary>
    public static byte[] HashData(ReadOnlySpan<byte> source)
    {
        var hash = new byte[HashSizeInBytes];
        var sponge = new KeccakSponge(RateInBytes);
        sponge.Absorb(source);
        sponge.Squeeze(Padding, hash);
        return hash;
    }
}

namespace Broker.Cryptography;

/// <summary>
/// Keccak-512 with the original padding <c>0x01</c>: 64 bytes, not SHA3-512. See <see cref="Keccak256"/>.
/// </summary>
public static class Keccak512
{
    public const int HashSizeInBytes = 64;

    private const byte Padding = 0x01;
    private const int RateInBytes = 72;

    /// <summary>The 64-byte digest of <paramref name="source"/>.</summary>
    public static byte[] HashData(ReadOnlySpan<byte> source)
    {
        var hash = new byte[HashSizeInBytes];
        var sponge = new KeccakSponge(RateInBytes);
        sponge.Absorb(source);
        sponge.Squeeze(Padding, hash);
        return hash;
    }
}

using System.Diagnostics.CodeAnalysis;
using Broker.Cryptography.Native;

namespace Broker.Cryptography;

/// <summary>A point on secp256k1, known to lie on the curve. Equal to another when the points are the same.</summary>
public sealed class Secp256k1PublicKey : IEquatable<Secp256k1PublicKey>
{
    private readonly byte[] _uncompressed;

    private Secp256k1PublicKey(byte[] uncompressed)
    {
        _uncompressed = uncompressed;
        Span<byte> hash = stackalloc byte[Keccak256.HashSizeInBytes];
        Keccak256.HashData(uncompressed.AsSpan(1), hash);
        Address = new EthereumAddress(hash[^EthereumAddress.SizeInBytes..]);
    }

    /// <summary>The last 20 bytes of the Keccak-256 digest of the two coordinates (Yellow Paper, appendix F).</summary>
    public EthereumAddress Address { get; }

    /// <summary>65 bytes: <c>04 ‖ x ‖ y</c> (SEC 1 §2.3.3).</summary>
    public ReadOnlySpan<byte> Uncompressed => _uncompressed;

    /// <summary>Reads the SEC 1 forms of 33 and 65 bytes; false for anything that is not a point of the curve.</summary>
    public static unsafe bool TryParse(ReadOnlySpan<byte> sec1, [NotNullWhen(true)] out Secp256k1PublicKey? key)
    {
        key = null;
        var wellFormed = sec1.Length switch
        {
            Secp256k1.CompressedKeySize => sec1[0] is 0x02 or 0x03,
            // The library also reads the hybrid forms 06 and 07; nothing we speak with writes them.
            Secp256k1.UncompressedKeySize => sec1[0] is 0x04,
            _ => false,
        };
        if (!wellFormed) return false;

        var native = stackalloc byte[LibSecp256k1.KeySize];
        fixed (byte* input = sec1)
        {
            if (LibSecp256k1.ParsePublicKey(LibSecp256k1.Context, native, input, (nuint)sec1.Length) != 1) return false;
        }

        key = FromNative(native);
        return true;
    }

    /// <summary>33 bytes: <c>02</c> or <c>03</c> by the parity of y, and x.</summary>
    public byte[] ToCompressed()
    {
        var compressed = new byte[Secp256k1.CompressedKeySize];
        CopyCompressedTo(compressed);
        return compressed;
    }

    /// <summary>Writes the 33 bytes of the compressed form.</summary>
    public void CopyCompressedTo(Span<byte> destination)
    {
        _uncompressed.AsSpan(1, 32).CopyTo(destination[1..]);
        destination[0] = (byte)(0x02 | (_uncompressed[^1] & 1));
    }

    public bool Equals(Secp256k1PublicKey? other) =>
        other is not null && _uncompressed.AsSpan().SequenceEqual(other._uncompressed);

    public override bool Equals(object? obj) => Equals(obj as Secp256k1PublicKey);

    public override int GetHashCode() => Address.GetHashCode();

    /// <summary>The compressed form in lower-case hex.</summary>
    public override string ToString() => Convert.ToHexStringLower(ToCompressed());

    internal static unsafe Secp256k1PublicKey FromNative(byte* native)
    {
        var uncompressed = new byte[Secp256k1.UncompressedKeySize];
        var length = (nuint)uncompressed.Length;
        fixed (byte* output = uncompressed)
        {
            // Always 1 for a key that the library itself made.
            _ = LibSecp256k1.SerializePublicKey(
                LibSecp256k1.Context, output, &length, native, LibSecp256k1.Uncompressed);
        }

        return new Secp256k1PublicKey(uncompressed);
    }
}

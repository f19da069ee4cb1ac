using System.Runtime.Intrinsics;

namespace Broker.Ledger.Merkle;

/// <summary>A SHA-256 hash in the tree: 32 bytes by value, so that tiles of them are one block of memory.</summary>
public readonly record struct MerkleHash
{
    /// <summary>Bytes in a hash.</summary>
    public const int Size = 32;

    private readonly Vector256<byte> _bytes;

    /// <summary>Takes the first 32 of <paramref name="bytes"/>.</summary>
    public MerkleHash(ReadOnlySpan<byte> bytes) => _bytes = Vector256.Create(bytes[..Size]);

    public void CopyTo(Span<byte> destination) => _bytes.CopyTo(destination);

    /// <summary>The hash as 64 lower-case hex digits.</summary>
    public string ToHex()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    /// <summary>The hash in base64 with padding (RFC 4648 §4), as checkpoints and proofs write it.</summary>
    public string ToBase64()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Convert.ToBase64String(bytes);
    }

    /// <summary>Writes the 44 characters of <see cref="ToBase64"/>.</summary>
    internal void WriteBase64(Span<char> destination)
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        Convert.TryToBase64Chars(bytes, destination, out _);
    }

    /// <summary>Writes the 64 bytes of <see cref="ToHex"/>.</summary>
    public void WriteHex(Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        Convert.TryToHexStringLower(bytes, destination, out _);
    }

    /// <summary>Reads what <see cref="ToBase64"/> writes; refuses other spellings of the same bytes.</summary>
    public static bool TryParseBase64(ReadOnlySpan<char> text, out MerkleHash hash)
    {
        hash = default;
        Span<byte> bytes = stackalloc byte[Size + 1];
        if (text.Length != 44) return false;
        if (!Convert.TryFromBase64Chars(text, bytes, out var length) || length != Size) return false;
        hash = new MerkleHash(bytes);
        Span<char> canonical = stackalloc char[44];
        hash.WriteBase64(canonical);
        return text.SequenceEqual(canonical);
    }

    /// <summary>Reads 64 lower-case hex digits.</summary>
    public static bool TryParseHex(ReadOnlySpan<char> text, out MerkleHash hash)
    {
        hash = default;
        if (text.Length != 2 * Size || !Cryptography.Hex.IsLowerCase(text)) return false;
        Span<byte> bytes = stackalloc byte[Size];
        Convert.FromHexString(text, bytes, out _, out _);
        hash = new MerkleHash(bytes);
        return true;
    }

    public override string ToString() => ToHex();
}

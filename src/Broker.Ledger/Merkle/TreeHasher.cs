using System.Security.Cryptography;

namespace Broker.Ledger.Merkle;

/// <summary>The hashing of RFC 6962 §2.1 with SHA-256: a leaf and an inner node can never hash alike.</summary>
public static class TreeHasher
{
    /// <summary>First byte of what is hashed for a leaf.</summary>
    public const byte LeafPrefix = 0x00;

    private const byte NodePrefix = 0x01;

    /// <summary>The root of the tree without leaves: SHA-256 of nothing.</summary>
    public static MerkleHash Empty { get; } = new(SHA256.HashData([]));

    /// <summary>SHA-256(0x00 ‖ <paramref name="entry"/>).</summary>
    public static MerkleHash Leaf(ReadOnlySpan<byte> entry)
    {
        var prefixed = new byte[entry.Length + 1];
        prefixed[0] = LeafPrefix;
        entry.CopyTo(prefixed.AsSpan(1));
        return LeafOfPrefixed(prefixed);
    }

    /// <summary>
    /// The same for an entry whose buffer already begins with <see cref="LeafPrefix"/>: nothing is copied.
    /// </summary>
    internal static MerkleHash LeafOfPrefixed(ReadOnlySpan<byte> prefixed)
    {
        Span<byte> hash = stackalloc byte[MerkleHash.Size];
        SHA256.HashData(prefixed, hash);
        return new MerkleHash(hash);
    }

    /// <summary>SHA-256(0x01 ‖ <paramref name="left"/> ‖ <paramref name="right"/>).</summary>
    public static MerkleHash Node(in MerkleHash left, in MerkleHash right)
    {
        Span<byte> children = stackalloc byte[1 + 2 * MerkleHash.Size];
        children[0] = NodePrefix;
        left.CopyTo(children[1..]);
        right.CopyTo(children[(1 + MerkleHash.Size)..]);
        Span<byte> hash = stackalloc byte[MerkleHash.Size];
        SHA256.HashData(children, hash);
        return new MerkleHash(hash);
    }
}

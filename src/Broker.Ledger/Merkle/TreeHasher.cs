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

    // One for each thread: making and freeing one takes as long as a fifth of the hashing of two nodes.
    [ThreadStatic]
    private static IncrementalHash? t_hasher;

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
    internal static MerkleHash LeafOfPrefixed(ReadOnlySpan<byte> prefixed) => Hash(prefixed);

    /// <summary>SHA-256(0x01 ‖ <paramref name="left"/> ‖ <paramref name="right"/>).</summary>
    public static MerkleHash Node(in MerkleHash left, in MerkleHash right)
    {
        Span<byte> children = stackalloc byte[1 + 2 * MerkleHash.Size];
        children[0] = NodePrefix;
        left.CopyTo(children[1..]);
        right.CopyTo(children[(1 + MerkleHash.Size)..]);
        return Hash(children);
    }

    private static MerkleHash Hash(ReadOnlySpan<byte> bytes)
    {
        var hasher = t_hasher ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> hash = stackalloc byte[MerkleHash.Size];
        hasher.AppendData(bytes);
        hasher.GetHashAndReset(hash);
        return new MerkleHash(hash);
    }
}

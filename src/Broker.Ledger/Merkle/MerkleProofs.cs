using System.Numerics;

namespace Broker.Ledger.Merkle;

/// <summary>
/// Roots, inclusion proofs and consistency proofs of RFC 6962 §2.1 over any <see cref="ITreeNodes"/>. Each costs
/// O(log² size) node look-ups at most and reads no leaf that is not on the way.
/// </summary>
public static class MerkleProofs
{
    /// <summary>The most hashes that a proof in a tree of up to 2⁶³ leaves can hold.</summary>
    public const int MaxLength = 64;

    /// <summary>The Merkle tree hash of the first <paramref name="size"/> leaves.</summary>
    public static MerkleHash Root(ITreeNodes nodes, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        return size == 0 ? TreeHasher.Empty : Range(nodes, 0, size);
    }

    /// <summary>
    /// PATH(<paramref name="index"/>, D[<paramref name="size"/>]) of RFC 6962 §2.1.1, the leaf's sibling first, the
    /// root's child last. Returns how many hashes were written.
    /// </summary>
    public static int Inclusion(ITreeNodes nodes, long index, long size, Span<MerkleHash> proof)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        return Path(nodes, index, 0, size, proof);
    }

    /// <summary>
    /// PROOF(<paramref name="oldSize"/>, D[<paramref name="newSize"/>]) of RFC 6962 §2.1.2. Empty when the sizes are
    /// equal or the old tree has no leaves.
    /// </summary>
    public static int Consistency(ITreeNodes nodes, long oldSize, long newSize, Span<MerkleHash> proof)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(oldSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(oldSize, newSize);
        return oldSize == 0 ? 0 : SubProof(nodes, oldSize, 0, newSize, known: true, proof);
    }

    private static int Path(ITreeNodes nodes, long index, long start, long end, Span<MerkleHash> proof)
    {
        if (end - start == 1) return 0;
        var middle = start + LargestPowerBelow(end - start);
        int length;
        if (index < middle)
        {
            length = Path(nodes, index, start, middle, proof);
            proof[length] = Range(nodes, middle, end);
        }
        else
        {
            length = Path(nodes, index, middle, end, proof);
            proof[length] = Range(nodes, start, middle);
        }

        return length + 1;
    }

    // The old tree is D[0:oldEnd]; `known` says that its part of this range is a root that the verifier already holds.
    private static int SubProof(
        ITreeNodes nodes, long oldEnd, long start, long end, bool known, Span<MerkleHash> proof)
    {
        if (oldEnd == end)
        {
            if (known) return 0;
            proof[0] = Range(nodes, start, end);
            return 1;
        }

        var middle = start + LargestPowerBelow(end - start);
        int length;
        if (oldEnd <= middle)
        {
            length = SubProof(nodes, oldEnd, start, middle, known, proof);
            proof[length] = Range(nodes, middle, end);
        }
        else
        {
            length = SubProof(nodes, oldEnd, middle, end, known: false, proof);
            proof[length] = Range(nodes, start, middle);
        }

        return length + 1;
    }

    // MTH(D[start:end]) where start is a multiple of the largest complete subtree in the range, as in every call above.
    private static MerkleHash Range(ITreeNodes nodes, long start, long end)
    {
        var length = end - start;
        if (BitOperations.IsPow2(length))
        {
            var height = BitOperations.Log2((ulong)length);
            return nodes.Node(height, start >> height);
        }

        var middle = start + LargestPowerBelow(length);
        return TreeHasher.Node(Range(nodes, start, middle), Range(nodes, middle, end));
    }

    // The largest power of two smaller than the length (RFC 6962 calls it k); the length is at least 2.
    private static long LargestPowerBelow(long length) => 1L << BitOperations.Log2((ulong)(length - 1));
}

namespace Broker.Ledger.Merkle;

/// <summary>
/// Checks proofs without the tree, by the algorithms of RFC 9162 §2.1.3.2 and §2.1.4.2 (the proofs are those of
/// RFC 6962, which gives no algorithm). Foreign input: every length is bounded, nothing throws.
/// </summary>
public static class MerkleVerifier
{
    /// <summary>
    /// True when the leaf is at <paramref name="index"/> in the tree of <paramref name="size"/> leaves with that root.
    /// </summary>
    public static bool IsIncluded(
        in MerkleHash leaf, long index, long size, ReadOnlySpan<MerkleHash> proof, in MerkleHash root)
    {
        if (index < 0 || index >= size) return false;
        var fn = index;
        var sn = size - 1;
        var hash = leaf;
        foreach (ref readonly var step in proof)
        {
            if (sn == 0) return false;
            if ((fn & 1) == 1 || fn == sn)
            {
                hash = TreeHasher.Node(step, hash);
                while ((fn & 1) == 0 && fn != 0)
                {
                    fn >>= 1;
                    sn >>= 1;
                }
            }
            else
            {
                hash = TreeHasher.Node(hash, step);
            }

            fn >>= 1;
            sn >>= 1;
        }

        return sn == 0 && hash == root;
    }

    /// <summary>True when the old tree is a prefix of the new one: nothing was changed, only appended.</summary>
    public static bool IsConsistent(
        long oldSize, long newSize, ReadOnlySpan<MerkleHash> proof, in MerkleHash oldRoot, in MerkleHash newRoot)
    {
        if (oldSize < 0 || oldSize > newSize) return false;
        if (oldSize == newSize) return proof.IsEmpty && oldRoot == newRoot;
        if (oldSize == 0) return proof.IsEmpty && oldRoot == TreeHasher.Empty;

        // A complete old tree is itself the first node of the path, so the proof leaves it out.
        var oldIsComplete = (oldSize & (oldSize - 1)) == 0;
        if (proof.IsEmpty) return false;
        var start = oldIsComplete ? oldRoot : proof[0];
        var rest = oldIsComplete ? proof : proof[1..];

        var fn = oldSize - 1;
        var sn = newSize - 1;
        while ((fn & 1) == 1)
        {
            fn >>= 1;
            sn >>= 1;
        }

        var fr = start;
        var sr = start;
        foreach (ref readonly var step in rest)
        {
            if (sn == 0) return false;
            if ((fn & 1) == 1 || fn == sn)
            {
                fr = TreeHasher.Node(step, fr);
                sr = TreeHasher.Node(step, sr);
                while ((fn & 1) == 0 && fn != 0)
                {
                    fn >>= 1;
                    sn >>= 1;
                }
            }
            else
            {
                sr = TreeHasher.Node(sr, step);
            }

            fn >>= 1;
            sn >>= 1;
        }

        return sn == 0 && fr == oldRoot && sr == newRoot;
    }
}

using Broker.Ledger.Merkle;

namespace Broker.Ledger;

/// <summary>A row as it stands in the file.</summary>
/// <param name="Id">The row's id: the leaf's index plus one.</param>
/// <param name="Columns">The columns.</param>
/// <param name="LeafHash">The column <c>leaf_hash</c>, as stored; whether it is right is for <c>verify</c> to
/// say.</param>
public sealed record LedgerRow(long Id, LedgerColumns Columns, string LeafHash)
{
    /// <summary>Zero-based position in the tree.</summary>
    public long Index => Id - 1;

    /// <summary>The bytes that the tree hashes, see <see cref="Ledger.CanonicalEntry"/>.</summary>
    public byte[] ToCanonicalBytes() => CanonicalEntry.ToArray(Columns, Id);

    /// <summary>The leaf hash that the columns give.</summary>
    public MerkleHash ComputeLeafHash() => TreeHasher.Leaf(ToCanonicalBytes());
}

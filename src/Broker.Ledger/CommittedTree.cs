using Broker.Ledger.Merkle;

namespace Broker.Ledger;

/// <summary>The tree as one commit left it, with the signed checkpoint that was committed along. Immutable.</summary>
internal sealed record CommittedTree(TreeSnapshot Snapshot, MerkleHash Root, string Note)
{
    public long Size => Snapshot.Size;
}

namespace Broker.Ledger.Merkle;

/// <summary>
/// Where the algorithms find the tree's complete nodes: in memory for what was just committed, in stored tiles for
/// the rest, in an array for tests.
/// </summary>
public interface ITreeNodes
{
    /// <summary>
    /// The root of the complete subtree over 2^<paramref name="height"/> leaves that begins with leaf
    /// <paramref name="index"/>·2^<paramref name="height"/>.
    /// Asked only for subtrees that lie wholly inside the tree.
    /// </summary>
    MerkleHash Node(int height, long index);
}

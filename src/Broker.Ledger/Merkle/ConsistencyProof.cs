namespace Broker.Ledger.Merkle;

/// <summary>That one tree is the beginning of another, with the two roots that the proof joins.</summary>
public sealed record ConsistencyProof(
    long OldSize, MerkleHash OldRoot, long NewSize, MerkleHash NewRoot, IReadOnlyList<MerkleHash> Path)
{
    /// <summary>True when the path does join the two roots.</summary>
    public bool Holds => MerkleVerifier.IsConsistent(OldSize, NewSize, [.. Path], OldRoot, NewRoot);
}

using Broker.Ledger.Merkle;
using Broker.Ledger.Notes;

namespace Broker.Ledger;

/// <summary>
/// What the ledger gives for an entry that is on disk. Proof and bytes are made when they are asked for, from memory
/// that the batch shares; nothing is read from disk.
/// </summary>
public sealed class LedgerReceipt
{
    private readonly EncodedEntry _entry;
    private readonly CommittedTree _tree;
    private string? _proof;

    internal LedgerReceipt(EncodedEntry entry, long index, CommittedTree tree)
    {
        _entry = entry;
        _tree = tree;
        Index = index;
    }

    /// <summary>The entry's <see cref="LedgerColumns.RecordId"/>.</summary>
    public string RecordId => _entry.Columns.RecordId;

    /// <summary>Zero-based position of the entry's leaf in the tree; the row's <c>id</c> is one more.</summary>
    public long Index { get; }

    /// <summary>The signed checkpoint of the commit that took the entry along.</summary>
    public string Checkpoint => _tree.Note;

    /// <summary>
    /// The inclusion proof under <see cref="Checkpoint"/> in the C2SP tlog-proof form, which verifies offline
    /// against the ledger's vkey and <see cref="CanonicalEntry"/>.
    /// </summary>
    public string Proof => _proof ??= MakeProof();

    /// <summary>The bytes that the tree hashes for the entry, see <see cref="Ledger.CanonicalEntry"/>.</summary>
    public byte[] CanonicalEntry => _entry.ToCanonical(Index + 1);

    private string MakeProof()
    {
        Span<MerkleHash> path = stackalloc MerkleHash[MerkleProofs.MaxLength];
        var length = MerkleProofs.Inclusion(_tree.Snapshot, Index, _tree.Snapshot.Size, path);
        return InclusionReceipt.Format(Index, path[..length], _tree.Note);
    }
}

using Broker.Cryptography;
using Broker.Ledger.Merkle;
using Broker.Ledger.Notes;
using Broker.Ledger.Storage;

namespace Broker.Ledger.Tests.Stores;

/// <summary>
/// Commits rows to a store as the ledger's writer does, but with any columns and a commit at a time: what a test of a
/// store says to it.
/// </summary>
internal sealed class StoreWriter
{
    private readonly ILedgerStore _store;
    private readonly NoteSigner _signer;
    private readonly RightEdge _edge;
    private long _size;
    private MerkleHash _root;

    /// <summary>Takes up the ledger where the store has it.</summary>
    public StoreWriter(ILedgerStore store, Ed25519SigningKey key)
    {
        _store = store;
        _signer = new NoteSigner(LedgerFolder.Origin, key);
        var head = store.Load();
        (_edge, _size, _root) = (head.Edge, head.Size, head.Root);
    }

    public NoteKey Key => _signer.VerifierKey;

    /// <summary>Where the ledger stands, as this writer believes.</summary>
    public (long Size, MerkleHash Root) Head => (_size, _root);

    /// <summary>Commits the rows. After a failure the writer stands where it stood.</summary>
    public void Append(IEnumerable<LedgerColumns> rows) => AppendTo(_store, rows);

    /// <summary>The same to another store, as a writer that has mistaken it.</summary>
    public void AppendTo(ILedgerStore store, IEnumerable<LedgerColumns> rows)
    {
        var mark = _edge.Mark();
        var full = new List<FullTile>();
        var added = new List<NewRow>();
        try
        {
            foreach (var columns in rows)
            {
                var entry = EncodedEntry.Of(columns);
                var leaf = entry.Leaf(_edge.Size + 1);
                _edge.Append(leaf, full);
                added.Add(new NewRow(entry, leaf));
            }

            var checkpoint = new Checkpoint(LedgerFolder.Origin, _edge.Size, _edge.Snapshot(full).Root());
            store.Commit(new LedgerCommit
            {
                ExpectedSize = _size,
                ExpectedRoot = _root,
                Rows = added,
                Tiles = full,
                Checkpoint = checkpoint,
                Note = _signer.Sign(checkpoint.ToText()),
                At = DateTimeOffset.UtcNow,
            });
            (_size, _root) = (checkpoint.Size, checkpoint.Root);
        }
        catch
        {
            _edge.Return(mark);
            throw;
        }
    }
}

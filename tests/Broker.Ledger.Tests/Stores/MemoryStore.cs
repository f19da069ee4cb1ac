using Broker.Ledger.Merkle;
using Broker.Ledger.Notes;
using Broker.Ledger.Storage;

namespace Broker.Ledger.Tests.Stores;

/// <summary>A store in memory, which fails where it is told to.</summary>
/// <param name="ledger">What it stores into.</param>
/// <param name="tracksAnchor">Whether entries are noted as pending.</param>
/// <param name="faultAt">Says at each step how it fails; null where it does not.</param>
internal sealed class MemoryStore(MemoryLedger ledger, bool tracksAnchor, Func<StoreStep, StoreFault?>? faultAt = null)
    : ILedgerStore
{
    public IAnchorStates? AnchorStates { get; } = tracksAnchor ? new MemoryAnchorStates(ledger) : null;

    public StoreStatus Status => new(0, null);

    public LedgerHead Load()
    {
        Reach(StoreStep.Load);
        var (size, root, note) = ledger.Contents.Newest;
        if (size == 0) return new LedgerHead(0, TreeHasher.Empty, "", new RightEdge());
        using var view = new MemoryView(ledger);
        var partial = new List<TileNodes>();
        for (var level = 0; level == 0 || size >> (TileNodes.Height * level) > 0; level++)
        {
            var count = size >> (TileNodes.Height * level);
            partial.Add(view.Tile(level, count / TileNodes.Width, (int)(count % TileNodes.Width)));
        }

        return new LedgerHead(size, root, note, RightEdge.Resume(size, partial));
    }

    public void Commit(LedgerCommit commit)
    {
        Reach(StoreStep.BeforeCommit);
        ledger.Change(before => With(before, commit));
        Reach(StoreStep.AfterCommit);
    }

    public void KeepKey(NoteKey key) => ledger.Change(before =>
        before.Keys.Contains(key.ToString()) ? before : before with { Keys = before.Keys.Add(key.ToString()) });

    public void Probe() => Reach(StoreStep.Probe);

    public ILedgerView OpenView()
    {
        Reach(StoreStep.OpenView);
        return new MemoryView(ledger);
    }

    public void Dispose()
    {
    }

    private MemoryContents With(MemoryContents before, LedgerCommit commit)
    {
        var (size, root, _) = before.Newest;
        if (size != commit.ExpectedSize || root != commit.ExpectedRoot)
            throw new LedgerHeadMovedException(commit.ExpectedSize, size);
        var rows = before.Rows;
        var anchored = before.Anchored;
        foreach (var row in commit.Rows)
        {
            var id = rows.Count + 1;
            rows = rows.Add(new LedgerRow(id, row.Entry.Columns, row.Leaf.ToHex()));
            if (tracksAnchor) anchored = anchored.Add(id, "pending");
            if (id == size + (commit.Rows.Count + 1) / 2) Reach(StoreStep.AmidCommit);
        }

        var checkpoint = new StoredCheckpoint(commit.Checkpoint.Size, Bytes(commit.Checkpoint.Root), commit.Note);
        return before with
        {
            Rows = rows,
            Anchored = anchored,
            Tiles = before.Tiles.AddRange(commit.Tiles.Select(tile => KeyValuePair.Create(
                (tile.Level, tile.Number), new StoredTile(Bytes(tile.Nodes.Root), tile.Nodes.ToBytes())))),
            Checkpoints = before.Checkpoints.Add(checkpoint.Size, checkpoint),
        };
    }

    private static byte[] Bytes(in MerkleHash hash)
    {
        var bytes = new byte[MerkleHash.Size];
        hash.CopyTo(bytes);
        return bytes;
    }

    private void Reach(StoreStep step)
    {
        if (faultAt?.Invoke(step) is { } fault) throw new LedgerStoreException(fault, $"failed on purpose at {step}");
    }
}

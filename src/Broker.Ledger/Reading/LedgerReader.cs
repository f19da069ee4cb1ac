using System.Collections.Concurrent;
using Broker.Foundation.Results;
using Broker.Ledger.Merkle;
using Broker.Ledger.Notes;
using Broker.Ledger.Storage;

namespace Broker.Ledger.Reading;

/// <summary>
/// Reads a ledger, while another process or this one writes it. Sees what is committed and nothing else; safe to use
/// from many threads, each on a view of its own from a pool.
/// </summary>
public sealed class LedgerReader : IDisposable
{
    /// <summary>The most rows that one page holds.</summary>
    public const int MaxPage = 1000;

    // Seconds that the clock may have been set back by without a count going wrong: rows stand in the order of their
    // ids, and that of their times is the same but for this.
    private const long ClockSetBack = 3600;

    private const int RowsPerCount = 64;

    private readonly Func<ILedgerView> _open;
    private readonly ConcurrentBag<ILedgerView> _idle = [];
    private volatile bool _disposed;

    /// <summary>Reads through views that a store opens; opens the first one, so that a fault shows now.</summary>
    /// <exception cref="LedgerStoreException">The store cannot be read.</exception>
    public LedgerReader(Func<ILedgerView> open)
    {
        _open = open;
        _idle.Add(open());
    }

    /// <summary>The newest signed checkpoint; empty while the ledger has no entry.</summary>
    public string NewestCheckpoint() => Use(static view => view.NewestCheckpoint().Note);

    /// <summary>
    /// The keys that the ledger itself names for its checkpoints: self-asserted, so they show damage, but not a ledger
    /// that was made anew with another key. Empty where no process since they are kept has opened it for writing.
    /// </summary>
    public IReadOnlyList<NoteKey> OwnKeys() => Use(static view =>
    {
        var keys = new List<NoteKey>();
        foreach (var vkey in view.Keys())
        {
            if (NoteKey.TryParse(vkey, out var key)) keys.Add(key);
        }

        return keys;
    });

    /// <summary>Entries on record.</summary>
    public long Size() => Use(static view => view.NewestCheckpoint().Size);

    /// <summary>The signed checkpoint of a commit that ended at this size; null when none did.</summary>
    public string? CheckpointAt(long size) => Use(view => view.CheckpointAt(size));

    /// <summary>The row of a record id; null when it is not on record.</summary>
    public LedgerRow? Find(string recordId) => Use(view => view.Find(recordId));

    /// <summary>The row with this id, the leaf's index plus one.</summary>
    public LedgerRow? At(long id) => Use(view => view.At(id));

    /// <summary>An actor's rows after a row id, in the order of the ledger, at most <see cref="MaxPage"/>.</summary>
    public IReadOnlyList<LedgerRow> PageByActor(string actorOmni, long afterId, int limit) =>
        Use(view => view.Page(
            new LedgerFilter { ActorOmni = actorOmni }, afterId, Math.Clamp(limit, 1, MaxPage)));

    /// <summary>
    /// How many releases of these kinds the actor was granted since a moment. Counts no further than
    /// <paramref name="atMost"/>, and looks no further back than an hour before the moment: a
    /// clock that was set back by more makes the count too low.
    /// </summary>
    public int CountOk(ActorOmni actor, IReadOnlySet<string> kinds, DateTimeOffset since, int atMost) =>
        Use(view =>
        {
            var newest = new LedgerFilter { ActorOmni = actor.ToString(), NewestFirst = true };
            var start = since.ToUnixTimeSeconds();
            var count = 0;
            for (var beyond = long.MaxValue; ;)
            {
                var page = view.Page(newest, beyond, RowsPerCount);
                foreach (var row in page)
                {
                    var entry = row.Columns;
                    if (count == atMost || entry.MintedAt < start - ClockSetBack) return count;
                    var counts = entry.MintedAt >= start && entry.Outcome == LedgerOutcome.Ok.Text
                        && kinds.Contains(entry.Kind);
                    if (counts) count++;
                }

                if (page.Count < RowsPerCount) return count;
                beyond = page[^1].Id;
            }
        });

    /// <summary>
    /// The inclusion proof of an entry under the newest checkpoint, as C2SP tlog-proof; null when the index is not
    /// on record.
    /// </summary>
    public string? Receipt(long index) => Use(view =>
    {
        var (size, note) = view.NewestCheckpoint();
        return Receipt(view, index, size, note);
    });

    /// <summary>
    /// The same under an earlier checkpoint of this ledger, with all signatures that it has there, such as a cosigned
    /// one; null when the entry is not in its tree, or it is no checkpoint of a tree that this ledger has had. That its
    /// root is this ledger's shows when the receipt is verified.
    /// </summary>
    public string? Receipt(long index, string note) => Use(view =>
        SignedNote.TryParse(note, out var signed) && Checkpoint.TryParse(signed.Text, out var checkpoint)
        && checkpoint.Size <= view.NewestCheckpoint().Size
            ? Receipt(view, index, checkpoint.Size, note)
            : null);

    private static string? Receipt(ILedgerView view, long index, long size, string note)
    {
        if (index < 0 || index >= size) return null;
        Span<MerkleHash> path = stackalloc MerkleHash[MerkleProofs.MaxLength];
        var length = MerkleProofs.Inclusion(new StoredTree(view, size), index, size, path);
        return InclusionReceipt.Format(index, path[..length], note);
    }

    /// <summary>
    /// That the tree of <paramref name="oldSize"/> is the beginning of that of <paramref name="newSize"/>
    /// (RFC 6962 §2.1.2); null unless 0 ≤ old ≤ new ≤ <see cref="Size"/>.
    /// </summary>
    public ConsistencyProof? Consistency(long oldSize, long newSize) => Use(view =>
    {
        var (size, _) = view.NewestCheckpoint();
        if (oldSize < 0 || oldSize > newSize || newSize > size) return null;
        var tree = new StoredTree(view, size);
        Span<MerkleHash> path = stackalloc MerkleHash[MerkleProofs.MaxLength];
        var length = MerkleProofs.Consistency(tree, oldSize, newSize, path);
        var oldRoot = MerkleProofs.Root(tree, oldSize);
        var newRoot = MerkleProofs.Root(tree, newSize);
        return new ConsistencyProof(oldSize, oldRoot, newSize, newRoot, path[..length].ToArray());
    });

    /// <summary>
    /// The bytes of a tile, 32 for each of its hashes; null when the tree has no such tile of this width.
    /// </summary>
    public byte[]? Tile(TilePath tile) => Use(view =>
        tile.IsIn(view.NewestCheckpoint().Size) ? view.Tile(tile.Level, tile.Number, tile.Width).ToBytes() : null);

    /// <summary>
    /// The rows that match, read in pages, so that a long reading holds no lock and keeps nothing from being written.
    /// Rows that arrive meanwhile are seen too.
    /// </summary>
    public IEnumerable<LedgerRow> Rows(LedgerFilter filter)
    {
        var left = filter.Limit ?? long.MaxValue;
        var beyond = filter.NewestFirst ? long.MaxValue : filter.AfterId;
        while (left > 0)
        {
            var wanted = (int)Math.Min(left, MaxPage);
            var page = Use(view => view.Page(filter, beyond, wanted));
            foreach (var row in page) yield return row;
            if (page.Count < wanted) yield break;
            left -= page.Count;
            beyond = page[^1].Id;
        }
    }

    /// <summary>Counts what is in the ledger; reads all of it.</summary>
    public LedgerStatistics Statistics() => Use(static view => view.Statistics());

    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryTake(out var view)) view.Dispose();
    }

    internal T Use<T>(Func<ILedgerView, T> read)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_idle.TryTake(out var view)) view = _open();
        try
        {
            var result = read(view);
            _idle.Add(view);
            return result;
        }
        catch
        {
            // A connection that failed once is not trusted again.
            view.Dispose();
            throw;
        }
    }
}

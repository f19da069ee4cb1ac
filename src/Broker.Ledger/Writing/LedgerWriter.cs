using Broker.Ledger.Merkle;
using Broker.Ledger.Notes;
using Broker.Ledger.Reading;
using Broker.Ledger.Storage;

namespace Broker.Ledger.Writing;

/// <summary>
/// The one thread that writes. It commits as soon as the previous commit has returned and takes along all that has
/// queued meanwhile, so one wait for the disk serves many requests. Rows, tiles and the signed checkpoint of a batch
/// are one transaction; nobody hears of any of them before it is durable.
/// </summary>
internal sealed class LedgerWriter
{
    // How long after a fault, while nothing is asked of the ledger, it finds out by itself whether the fault is over:
    // a broker that is not ready may get no request that would show it.
    private static readonly TimeSpan ProbeAfter = TimeSpan.FromSeconds(1);

    private readonly ILedgerStore _store;
    private readonly CommitQueue _queue;
    private readonly TimeProvider _time;
    private readonly int _maxBatch;
    private readonly Thread _thread;
    private readonly RecentRecords _recent = new();
    private readonly List<PendingEntry> _accepted = [];
    private readonly List<NewRow> _rows = [];

    // Of commits that were reported as failed, until the store has said whether they are on record all the same.
    private readonly List<EncodedEntry> _doubtful = [];
    private readonly List<FullTile> _full = [];
    private readonly WriterStatistics _statistics;
    private RightEdge _edge;
    private bool _mustLoad;
    private CheckpointSigners _kept;
    private volatile CheckpointSigners _signers;
    private volatile CommittedTree _committed;

    /// <param name="signers">Whose first key the store keeps already.</param>
    public LedgerWriter(
        ILedgerStore store, LedgerHead head, CommitQueue queue, CheckpointSigners signers, TimeProvider time,
        int maxBatch)
    {
        _store = store;
        _queue = queue;
        _signers = signers;
        _kept = signers;
        _time = time;
        _maxBatch = maxBatch;
        _edge = head.Edge;
        _committed = new CommittedTree(head.Edge.Snapshot([]), head.Root, head.Note);
        _statistics = new WriterStatistics(time);
        _thread = new Thread(Run) { IsBackground = true, Name = "ledger writer" };
    }

    /// <summary>The tree as the newest commit left it.</summary>
    public CommittedTree Committed => _committed;

    /// <summary>Who signs, from the next commit on.</summary>
    public CheckpointSigners Signers
    {
        get => _signers;
        set => _signers = value;
    }

    public LedgerStatus Status => _statistics.ToStatus(_committed.Size, _queue, _store.Status);

    public void Start() => _thread.Start();

    /// <summary>Waits until what was queued is written. False when the disk does not let it finish in time.</summary>
    public bool WaitForEnd(TimeSpan atMost) => _thread.Join(atMost);

    private void Run()
    {
        var batch = new List<PendingEntry>(_maxBatch);
        while (_queue.Take(batch, _maxBatch, _statistics.HasFault ? ProbeAfter : Timeout.InfiniteTimeSpan))
        {
            if (batch.Count == 0) Probe();
            else Commit(batch);
            batch.Clear();
        }
    }

    private void Probe()
    {
        try
        {
            Resume();
            _store.Probe();
            _statistics.Recovered();
        }
        catch (Exception e)
        {
            // As it was: the fault that is known stands, and is looked at again later.
            Abandon(e);
        }
    }

    private void Commit(List<PendingEntry> batch)
    {
        var started = _time.GetTimestamp();
        EdgeMark? mark = null;
        CommittedTree? tree = null;
        try
        {
            Resume();
            mark = _edge.Mark();
            foreach (var pending in batch) Append(pending);
            if (_accepted.Count > 0) tree = Write();
            _statistics.Succeeded(started, _accepted.Count);
        }
        catch (Exception e)
        {
            // Whatever it was, the batch is not on disk as far as we know; those who wait hear it, and the thread
            // lives.
            Abandon(e);
            if (mark is not null) _edge.Return(mark);
            foreach (var row in _rows)
            {
                if (_mustLoad) _doubtful.Add(row.Entry);
                else _recent.Remove(row.Entry.Keys.Record);
            }

            _statistics.Failed(e);
            var fault = new LedgerUnavailableException(
                LedgerFault.WriteFailed, $"the ledger cannot be written: {e.Message}", e);
            foreach (var pending in batch) pending.Settle(fault);
        }

        if (tree is not null) Publish(tree);
        OutcomeDelivery.Start(batch);
        _accepted.Clear();
        _rows.Clear();
        _full.Clear();
    }

    // While another holds the lock, the store stands where it stood.
    private void Abandon(Exception cause) => _mustLoad |= cause is not LedgerStoreException { Fault: StoreFault.Busy };

    /// <summary>After a fault the store has the last word on where the ledger stands.</summary>
    private void Resume()
    {
        if (!_mustLoad) return;
        var head = _store.Load();
        var isSame = head.Size == _committed.Size && head.Root == _committed.Root;

        // A commit that was reported as failed may have reached the disk all the same.
        var isLater = head.Size > _committed.Size && Continues(head);
        if (!isSame && !isLater)
        {
            throw new InvalidOperationException(
                $"the store no longer holds the ledger that was committed up to entry {_committed.Size}");
        }

        Settle(isLater);
        _edge = head.Edge;
        if (isLater) _committed = new CommittedTree(head.Edge.Snapshot([]), head.Root, head.Note);
        _mustLoad = false;
    }

    /// <summary>
    /// What was reported as failed and is on record after all is not written again; what is not may come again.
    /// </summary>
    private void Settle(bool isLater)
    {
        if (_doubtful.Count == 0) return;
        using var view = isLater ? _store.OpenView() : null;
        var absent = _doubtful.FindAll(entry => view?.Find(entry.Columns.RecordId) is null);
        foreach (var entry in absent) _recent.Remove(entry.Keys.Record);
        _doubtful.Clear();
    }

    private bool Continues(LedgerHead head)
    {
        if (_committed.Size == 0) return true;
        using var view = _store.OpenView();
        return MerkleProofs.Root(new StoredTree(view, head.Size), _committed.Size) == _committed.Root;
    }

    private CommittedTree Write()
    {
        var signers = _signers;
        if (signers != _kept)
        {
            _store.KeepKey(signers.VerifierKey);
            _kept = signers;
        }

        var snapshot = _edge.Snapshot(_full);
        var checkpoint = new Checkpoint(signers.VerifierKey.Name, snapshot.Size, snapshot.Root());
        var note = signers.Sign(checkpoint.ToText());
        _store.Commit(new LedgerCommit
        {
            ExpectedSize = _committed.Size,
            ExpectedRoot = _committed.Root,
            Rows = _rows,
            Tiles = _full,
            Checkpoint = checkpoint,
            Note = note,
            At = _time.GetUtcNow(),
        });
        return new CommittedTree(snapshot, checkpoint.Root, note);
    }

    private void Append(PendingEntry pending)
    {
        if (!_recent.TryAdd(pending.Entry.Keys.Record))
        {
            pending.Settle(new LedgerUnavailableException(
                LedgerFault.WriteFailed, $"the record id {pending.Entry.Columns.RecordId} is on record already"));
            return;
        }

        pending.Index = _edge.Size;
        var leaf = pending.Entry.Leaf(pending.Index + 1);
        _edge.Append(leaf, _full);
        _rows.Add(new NewRow(pending.Entry, leaf));
        _accepted.Add(pending);
    }

    private void Publish(CommittedTree tree)
    {
        _committed = tree;
        foreach (var pending in _accepted)
        {
            pending.Settle(new LedgerReceipt(pending.Entry, pending.Index, tree));
        }
    }
}

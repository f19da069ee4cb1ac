namespace Broker.Ledger.Writing;

/// <summary>
/// Entries that wait for the writer, first come first served, up to a capacity. Many threads put in, the writer's
/// thread takes out all that is there, up to the size of a batch.
/// </summary>
internal sealed class CommitQueue(int capacity)
{
    // Longer than what a crowd of clients needs to come back with their next requests, shorter than a slow commit.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1);

    private readonly Lock _guard = new();
    private readonly Queue<PendingEntry> _entries = [];
    private readonly AutoResetEvent _arrived = new(false);
    private bool _closed;
    private int _wakeAt = 1;

    public int Capacity => capacity;

    public int Depth
    {
        get
        {
            lock (_guard) return _entries.Count;
        }
    }

    /// <summary>Puts the entry at the end, or says why not.</summary>
    public LedgerFault? TryAdd(PendingEntry entry)
    {
        lock (_guard)
        {
            if (_closed) return LedgerFault.Stopped;
            if (_entries.Count >= capacity) return LedgerFault.Busy;
            _entries.Enqueue(entry);

            // The writer only sleeps after it has seen fewer.
            if (_entries.Count == _wakeAt) _arrived.Set();
            return null;
        }
    }

    /// <summary>
    /// Waits until there is an entry, then moves all that wait, at most <paramref name="most"/>, into the empty
    /// <paramref name="batch"/>. Where <paramref name="expected"/> are likely to come it waits a moment for them: the
    /// first to come back would else have a commit of its own, and all others wait for that one. False when the queue
    /// is closed and empty.
    /// </summary>
    public bool Take(List<PendingEntry> batch, int most, int expected)
    {
        var waited = expected <= 1;
        while (true)
        {
            lock (_guard)
            {
                if (waited || _closed || _entries.Count >= expected) MoveTo(batch, most);
                if (batch.Count > 0) return true;
                if (_closed) return false;
                _wakeAt = _entries.Count == 0 ? 1 : expected;
            }

            if (_wakeAt == 1) _arrived.WaitOne();
            else waited = !_arrived.WaitOne(Patience);
        }
    }

    /// <summary>Takes no more; what waits is still handed to the writer.</summary>
    public void Close()
    {
        lock (_guard) _closed = true;
        _arrived.Set();
    }

    private void MoveTo(List<PendingEntry> batch, int most)
    {
        while (batch.Count < most && _entries.TryDequeue(out var entry))
        {
            if (entry.TryTake()) batch.Add(entry);
        }
    }
}

namespace Broker.Ledger.Writing;

/// <summary>
/// Entries that wait for the writer, first come first served, up to a capacity. Many threads put in, the writer's
/// thread takes out all that is there, up to the size of a batch.
/// </summary>
internal sealed class CommitQueue(int capacity)
{
    private readonly Lock _guard = new();
    private readonly Queue<PendingEntry> _entries = [];
    private readonly List<PendingEntry> _taken = [];
    private readonly AutoResetEvent _arrived = new(false);
    private bool _closed;

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

            // The writer only sleeps after it has seen the queue empty.
            if (_entries.Count == 1) _arrived.Set();
            return null;
        }
    }

    /// <summary>
    /// Waits until there is an entry, then moves all that wait, at most <paramref name="most"/>, into the empty
    /// <paramref name="batch"/>. False when the queue is closed and empty; true with an empty batch when nothing came
    /// within <paramref name="patience"/>.
    /// </summary>
    public bool Take(List<PendingEntry> batch, int most, TimeSpan patience)
    {
        for (var signalled = true; ;)
        {
            lock (_guard)
            {
                while (batch.Count < most && _entries.TryDequeue(out var entry))
                {
                    if (entry.TryTake()) batch.Add(entry);
                }

                _taken.Clear();
                _taken.AddRange(batch);

                if (batch.Count > 0) return true;
                if (_closed) return false;
                if (!signalled) return true;
            }

            signalled = _arrived.WaitOne(patience);
        }
    }

    /// <summary>
    /// The entries put in before a timestamp that still wait, those that the writer has taken last among them.
    /// </summary>
    public List<PendingEntry> Before(long timestamp)
    {
        lock (_guard)
        {
            return
            [
                .. _taken.Concat(_entries).Where(entry => entry.Since < timestamp && !entry.Task.IsCompleted),
            ];
        }
    }

    /// <summary>Takes no more; what waits is still handed to the writer.</summary>
    public void Close()
    {
        lock (_guard) _closed = true;
        _arrived.Set();
    }
}

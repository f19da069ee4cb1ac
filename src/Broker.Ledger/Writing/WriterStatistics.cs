using Broker.Ledger.Storage;

namespace Broker.Ledger.Writing;

/// <summary>What became of the commits so far. Written by the writer's thread, read by any.</summary>
internal sealed class WriterStatistics(TimeProvider time)
{
    private readonly Lock _guard = new();
    private long _commits;
    private long _failures;
    private DateTimeOffset? _lastCommitAt;
    private TimeSpan _lastDuration;
    private int _lastBatch;
    private string? _lastFault;
    private DateTimeOffset? _lastFaultAt;

    /// <summary>True from a failed commit until one succeeds, or the file is found fit again.</summary>
    public bool HasFault
    {
        get
        {
            lock (_guard) return _lastFault is not null;
        }
    }

    /// <summary>The file can be written again, though nothing was to be written.</summary>
    public void Recovered()
    {
        lock (_guard) _lastFault = null;
    }

    public void Succeeded(long startedTimestamp, int entries)
    {
        lock (_guard)
        {
            _commits++;
            _lastCommitAt = time.GetUtcNow();
            _lastDuration = time.GetElapsedTime(startedTimestamp);
            _lastBatch = entries;
            _lastFault = null;
        }
    }

    public void Failed(Exception cause)
    {
        lock (_guard)
        {
            _failures++;
            _lastFault = cause.Message;
            _lastFaultAt = time.GetUtcNow();
        }
    }

    public LedgerStatus ToStatus(long size, CommitQueue queue, StoreStatus store)
    {
        var depth = queue.Depth;
        lock (_guard)
        {
            return new LedgerStatus(
                size, depth, queue.Capacity, _commits, _lastCommitAt, _lastDuration, _lastBatch, _failures, _lastFault,
                _lastFaultAt, store.IndexBehind, store.IndexFault);
        }
    }
}

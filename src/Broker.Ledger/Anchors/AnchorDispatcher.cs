using Broker.Ledger.Reading;
using Broker.Ledger.Storage;

namespace Broker.Ledger.Anchors;

/// <summary>
/// Keeps the anchor in step with the ledger: takes the newest checkpoint there, one at a time, and tries again until
/// it is there. What an earlier process left pending is caught up with by the first checkpoint that succeeds, for it
/// covers all that came before.
/// </summary>
internal sealed class AnchorDispatcher : IAsyncDisposable
{
    private readonly ILedgerAnchor _anchor;
    private readonly AnchorOptions _options;
    private readonly IAnchorStates _states;
    private readonly Func<AnchoredCheckpoint> _newest;
    private readonly RowArchiver _archiver;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _committed = new(0, 1);
    private readonly Lock _guard = new();
    // By the index of their entry, which no two share.
    private readonly SortedDictionary<long, TaskCompletionSource> _waiting = [];
    private readonly Task _loop;
    private long _anchoredSize;
    private long _quarantined;
    private string? _lastFault;
    private DateTimeOffset? _lastAnchoredAt;

    public AnchorDispatcher(
        ILedgerAnchor anchor, AnchorOptions options, IAnchorStates states, LedgerReader reader,
        Func<AnchoredCheckpoint> newest, TimeProvider time)
    {
        _anchor = anchor;
        _options = options;
        _states = states;
        _newest = newest;
        _time = time;
        _archiver = new RowArchiver(anchor, states, reader, options.ArchiveEvery, time);
        _loop = Task.Run(RunAsync);
    }

    public AnchorStatus Status
    {
        get
        {
            var size = _newest().Size;
            lock (_guard)
            {
                return new AnchorStatus(
                    _anchor.Name, _anchoredSize, size - _anchoredSize, _lastAnchoredAt, _lastFault, _quarantined,
                    _waiting.Count);
            }
        }
    }

    /// <summary>
    /// Says that there is a new checkpoint, and under <see cref="AnchorPolicy.DualStrict"/> waits until the anchor
    /// holds one that covers the entry.
    /// </summary>
    /// <exception cref="LedgerUnavailableException">The anchor did not confirm in time; nothing may leave.</exception>
    public async ValueTask FollowAsync(long index, CancellationToken stop)
    {
        var covered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_guard)
        {
            if (_anchoredSize > index) return;
            if (_options.Policy == AnchorPolicy.DualStrict) _waiting.Add(index, covered);
        }

        Wake();
        if (_options.Policy != AnchorPolicy.DualStrict) return;
        try
        {
            await covered.Task.WaitAsync(_options.Timeout, _time, stop).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new LedgerUnavailableException(
                LedgerFault.NotAnchored, $"the anchor {_anchor.Name} did not confirm the entry in time");
        }
        finally
        {
            // Those who gave up do not pile up while the anchor is out of reach.
            lock (_guard) _waiting.Remove(index);
        }
    }

    /// <summary>Says that there is a new checkpoint. Returns at once.</summary>
    public void Wake()
    {
        lock (_guard)
        {
            if (_committed.CurrentCount == 0) _committed.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
        _committed.Dispose();
    }

    private async Task RunAsync()
    {
        var pause = _options.FirstPause;
        try
        {
            while (true)
            {
                if (await AnchorNewestAsync())
                {
                    pause = _options.FirstPause;
                    await WaitForCommitAsync();
                    continue;
                }

                await Task.Delay(pause, _time, _stop.Token);
                pause = pause * 2 < _options.LongestPause ? pause * 2 : _options.LongestPause;
            }
        }
        catch (OperationCanceledException)
        {
            // The ledger closes; the next process catches up.
        }
    }

    /// <summary>True when the anchor is in step, or was brought there.</summary>
    private async Task<bool> AnchorNewestAsync()
    {
        var checkpoint = _newest();
        try
        {
            if (checkpoint.Size > _anchoredSize)
            {
                var receipt = await _anchor.AnchorAsync(checkpoint, _stop.Token);
                _states.Confirm(checkpoint.Size, receipt.Detail);
                Confirmed(checkpoint.Size);
            }

            await _archiver.ArchiveAsync(checkpoint.Size, _stop.Token);
            return true;
        }
        catch (Exception e) when (e is AnchorFailedException or LedgerStoreException or LedgerOpenException)
        {
            lock (_guard) _lastFault = e.Message;
            SetAside(e.Message);
            return false;
        }
    }

    private void Confirmed(long size)
    {
        lock (_guard)
        {
            _anchoredSize = size;
            _lastAnchoredAt = _time.GetUtcNow();
            _lastFault = null;
            while (_waiting.Count > 0 && _waiting.First() is var (index, covered) && index < size)
            {
                _waiting.Remove(index);
                covered.TrySetResult();
            }
        }
    }

    private void SetAside(string reason)
    {
        try
        {
            var count = _states.Quarantine(_time.GetUtcNow() - _options.QuarantineAfter, reason);
            lock (_guard) _quarantined += count;
        }
        catch (LedgerStoreException)
        {
            // The table cannot be written now; the rows stay pending, and the next attempt sets them aside.
        }
    }

    // Wakes at the latest when the next archive is due.
    private async Task WaitForCommitAsync()
    {
        var longest = _options.ArchiveEvery ?? Timeout.InfiniteTimeSpan;
        await _committed.WaitAsync(longest, _stop.Token);
    }
}

using Broker.Foundation.Results;
using Broker.Ledger.Writing;

namespace Broker.Ledger.Refusals;

/// <summary>
/// The only way in which refusals reach the ledger. The ledger is permanent, and anybody can be refused: so refusals
/// become entries within <see cref="RefusalLimits"/> and above the <see cref="DiskReserve"/>; beyond that they are
/// counted, and one entry a minute (kind <c>refusals</c>) says how many there were of which kind.
/// </summary>
public sealed class RefusalRecorder : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly ReleaseLedger _ledger;
    private readonly DiskReserve _disk;
    private readonly TimeProvider _time;
    private readonly RefusalBudget _strangers;
    private readonly RefusalBudget _proven;
    private readonly RefusalTally _tally = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _summing;

    /// <summary>
    /// Begins to sum up once a minute; disposing it writes the last sum. Dispose it before the ledger.
    /// </summary>
    public RefusalRecorder(ReleaseLedger ledger, RefusalLimits limits, DiskReserve disk, TimeProvider time)
    {
        _ledger = ledger;
        _disk = disk;
        _time = time;
        _strangers = new RefusalBudget(limits, time);
        _proven = new RefusalBudget(limits, time);
        _summing = Task.Run(SumEveryMinuteAsync);
    }

    /// <summary>Refusals without an entry of their own since the process began.</summary>
    public long Counted => _tally.Total;

    /// <summary>
    /// Puts the refusal on record and returns null; or counts it, and returns after how long it is worth asking again:
    /// the caller is then answered 429.
    /// </summary>
    /// <param name="source">Whose budget it takes from.</param>
    /// <param name="code">The stable code of the refusal.</param>
    /// <param name="entry">What to record.</param>
    /// <exception cref="LedgerUnavailableException">The entry is not known to be durable.</exception>
    public async ValueTask<TimeSpan?> RecordAsync(RefusalSource source, string code, LedgerEntry entry)
    {
        if (Take(source, code) is { } wait) return wait;

        // Nobody's hanging up takes a refusal off the record.
        await _ledger.AppendAsync(entry, CancellationToken.None).ConfigureAwait(false);
        return null;
    }

    /// <summary>
    /// Takes a place in the budget for an entry that the caller writes itself: a release to somebody who has proven
    /// nothing. Returns null; or counts the request as refused, and returns after how long it is worth asking again.
    /// </summary>
    public TimeSpan? Take(RefusalSource source, string code)
    {
        var budget = source.IsProven ? _proven : _strangers;
        var wait = _disk.IsReached ? Interval : budget.Take(source.Key);
        if (wait is not null) _tally.Add(source.Shown, code);
        return wait;
    }

    /// <summary>Writes the sum of what was counted since the last one; nothing where nothing was counted.</summary>
    /// <exception cref="LedgerUnavailableException">The entry is not known to be durable; the number is kept for the
    /// next one.</exception>
    public async Task SumUpAsync()
    {
        if (_disk.IsReached || _tally.Take() is not { } counted) return;
        var now = _time.GetUtcNow();
        var entry = new LedgerEntry
        {
            RecordId = RecordId.New(now),
            MintedAt = now,
            Kind = EntryKinds.SumOfRefusals,
            Outcome = LedgerOutcome.RateLimited,
            RequestedRole = "(various)",
            Session = EntrySession.Summary,
            Detail = $"{counted.Count} more refusals were counted, beyond what is recorded one by one",
            Evidence = counted.Evidence,
        };
        try
        {
            await _ledger.AppendAsync(entry, CancellationToken.None).ConfigureAwait(false);
        }
        catch (LedgerUnavailableException)
        {
            _tally.Return(counted.Count);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _summing;
        await TrySumUpAsync();
        _stopping.Dispose();
    }

    private async Task SumEveryMinuteAsync()
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token)) await TrySumUpAsync();
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The process ends; the last sum is written by DisposeAsync.
        }
    }

    private async Task TrySumUpAsync()
    {
        try
        {
            await SumUpAsync();
        }
        catch (LedgerUnavailableException)
        {
            // The ledger's own state shows in /readyz; the number goes into the next sum.
        }
    }
}

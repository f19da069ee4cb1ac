namespace Broker.Ledger.Refusals;

/// <summary>
/// Decides which refusals become entries of their own: within a budget for each source and one for all, in windows of a
/// minute. Bounded in memory: it knows at most <see cref="MostSources"/> sources a minute, and the budget for all is
/// far below that. Safe for use by many threads.
/// </summary>
internal sealed class RefusalBudget(RefusalLimits limits, TimeProvider time)
{
    /// <summary>No more sources than this are told apart within a minute.</summary>
    public const int MostSources = 65_536;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _taken = new(StringComparer.Ordinal);
    private long _windowBegan = time.GetTimestamp();
    private int _takenInAll;

    /// <summary>Null when the refusal may become an entry; otherwise how long until the next window.</summary>
    public TimeSpan? Take(string source)
    {
        lock (_lock)
        {
            // A monotonic clock: neither a leap nor a step of the calendar opens a new window.
            var elapsed = time.GetElapsedTime(_windowBegan);
            if (elapsed >= Window)
            {
                _windowBegan = time.GetTimestamp();
                _taken.Clear();
                _takenInAll = 0;
                elapsed = TimeSpan.Zero;
            }

            var taken = _taken.GetValueOrDefault(source);
            if (taken >= limits.PerSource || _takenInAll >= limits.InAll || _taken.Count >= MostSources)
                return Window - elapsed;
            _taken[source] = taken + 1;
            _takenInAll++;
            return null;
        }
    }
}

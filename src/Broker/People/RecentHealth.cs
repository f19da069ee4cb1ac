using Broker.Modules;
using Broker.Operations;

namespace Broker.People;

/// <summary>
/// What the readiness checks said, some seconds old at most. However many people look, the checks run once in that
/// time, one run at a time: whoever comes meanwhile gets the older words.
/// </summary>
internal sealed class RecentHealth(ReadinessChecks readiness, TimeProvider time)
{
    /// <summary>How old the words may be.</summary>
    public static readonly TimeSpan Age = TimeSpan.FromSeconds(5);

    private readonly Lock _asking = new();
    private volatile Asked? _last;

    public IReadOnlyList<ReadinessCheck> Ask()
    {
        if (_last is { } fresh && IsFresh(fresh)) return fresh.Checks;
        if (!_asking.TryEnter())
        {
            if (_last is { } older) return older.Checks;

            // Nobody has asked before: wait for the first answer.
            _asking.Enter();
        }

        try
        {
            if (_last is not { } last || !IsFresh(last)) _last = last = new Asked(readiness.Ask(), time.GetUtcNow());
            return last.Checks;
        }
        finally
        {
            _asking.Exit();
        }
    }

    private bool IsFresh(Asked asked) => time.GetUtcNow() - asked.At is var age && age >= TimeSpan.Zero && age < Age;

    private sealed record Asked(IReadOnlyList<ReadinessCheck> Checks, DateTimeOffset At);
}

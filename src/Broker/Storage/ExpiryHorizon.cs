namespace Broker.Storage;

/// <summary>
/// The time before which what has expired may be forgotten. The calendar alone does not say: a clock that is ahead for
/// a while would forget a revocation whose token is valid again once the clock is right. So the horizon is a day behind
/// the earliest time that the clock showed throughout the last hour of this process, and there is none before.
/// </summary>
internal sealed class ExpiryHorizon(TimeProvider time)
{
    private static readonly TimeSpan Observed = TimeSpan.FromHours(1);
    private static readonly TimeSpan Margin = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private readonly Queue<(long At, DateTimeOffset Shown)> _shown = new();
    private readonly long _began = time.GetTimestamp();

    /// <summary>Null while the clock has not been watched for an hour.</summary>
    public DateTimeOffset? Before
    {
        get
        {
            lock (_lock)
            {
                return time.GetElapsedTime(_began) < Observed || _shown.Count == 0
                    ? null
                    : _shown.Min(one => one.Shown) - Margin;
            }
        }
    }

    /// <summary>Looks at the clock; call it about once a minute.</summary>
    public void Observe()
    {
        lock (_lock)
        {
            _shown.Enqueue((time.GetTimestamp(), time.GetUtcNow()));
            while (time.GetElapsedTime(_shown.Peek().At) > Observed) _shown.Dequeue();
        }
    }
}

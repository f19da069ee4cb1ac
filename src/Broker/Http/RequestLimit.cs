using Broker.Foundation.Results;

namespace Broker.Http;

/// <summary>
/// How many requests of one kind a key has in a window (contract §2.18): a client address, or an actor. A feature names
/// each of its limits by a class of its own.
/// </summary>
/// <param name="limit">0 means no limit.</param>
/// <param name="windowSeconds">How long a window is.</param>
/// <param name="code">What is refused beyond it.</param>
/// <param name="why">The refusal's words.</param>
internal class RequestLimit(int limit, int windowSeconds, RefusalCode code, string why, TimeProvider time)
{
    private readonly RateWindows _windows = new(time, windowSeconds);

    /// <summary>Null when granted; else a refusal that says how long to wait.</summary>
    public Refusal? Take(string key) =>
        _windows.Take(key, limit) is { } wait ? new Refusal(code, why) { RetryAfter = wait } : null;
}

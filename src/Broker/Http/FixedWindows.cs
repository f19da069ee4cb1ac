using System.Collections.Concurrent;

namespace Broker.Http;

/// <summary>
/// Counts per key in fixed windows of an hour (contract §2.18): <c>window_start = now − now mod 3600</c>. In memory: a
/// restart begins a new count unless the caller seeds it. Bounded by dropping past windows.
/// </summary>
internal sealed class FixedWindows(TimeProvider time)
{
    public const int WindowSeconds = 3600;
    private const int SweepAbove = 10_000;

    private readonly ConcurrentDictionary<string, Window> _windows = new(StringComparer.Ordinal);

    /// <summary>
    /// Takes one from <paramref name="key"/>'s budget. Null when it was granted, else how long until the next window.
    /// </summary>
    /// <param name="limit">Budget per window; 0 grants always.</param>
    /// <param name="seed">What was used already in the window that starts at the given unix second; asked once per
    /// window and key.</param>
    public TimeSpan? Take(string key, int limit, Func<long, long>? seed = null)
    {
        if (limit == 0) return null;
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var start = now - (now % WindowSeconds);
        if (_windows.Count > SweepAbove) Sweep(start);

        var window = _windows.AddOrUpdate(key,
            _ => new Window(start, seed?.Invoke(start) ?? 0),
            (_, current) => current.Start == start ? current : new Window(start, seed?.Invoke(start) ?? 0));
        return window.TryTake(limit) ? null : TimeSpan.FromSeconds(start + WindowSeconds - now);
    }

    private void Sweep(long start)
    {
        foreach (var (key, window) in _windows)
        {
            if (window.Start != start) _windows.TryRemove(new KeyValuePair<string, Window>(key, window));
        }
    }

    private sealed class Window(long start, long used)
    {
        private long _used = used;

        public long Start { get; } = start;

        public bool TryTake(int limit)
        {
            if (Interlocked.Increment(ref _used) <= limit) return true;
            Interlocked.Decrement(ref _used);
            return false;
        }
    }
}

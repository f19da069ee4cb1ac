namespace Broker.Http;

/// <summary>
/// Counts per key in fixed windows (contract §2.18): <c>window_start = now − now mod window</c>. In memory: a restart
/// begins a new count unless the caller seeds it. It holds at most <see cref="Capacity"/> keys and takes the same time
/// whatever it holds: a new key takes the place of a key of a past window, or of the least used of a few. A key that is
/// held is never cut short; one that lost its place begins anew.
/// </summary>
/// <param name="windowSeconds">How long a window is.</param>
internal sealed class RateWindows(TimeProvider time, int windowSeconds = RateWindows.Hour)
{
    public const int Hour = 3600;
    public const int Minute = 60;

    /// <summary>The most keys that are held.</summary>
    public const int Capacity = Shards * KeysPerShard;

    private const int Shards = 64;
    private const int KeysPerShard = 1024;
    private const int Looked = 8;

    private readonly Shard[] _shards = [.. Enumerable.Range(0, Shards).Select(_ => new Shard())];

    /// <summary>The keys that are held now.</summary>
    public int Count => _shards.Sum(shard => shard.Count);

    /// <summary>
    /// Takes one from <paramref name="key"/>'s budget. Null when it was granted, else how long until the next window.
    /// </summary>
    /// <param name="key">Whose budget it is.</param>
    /// <param name="limit">Budget per window; 0 grants always.</param>
    /// <param name="seed">What was used already in the window that starts at the given unix second; asked when a key
    /// is new in its window.</param>
    public TimeSpan? Take(string key, int limit, Func<long, long>? seed = null)
    {
        if (limit == 0) return null;
        var (now, start) = Window();
        return ShardOf(key).TryTake(key, start, limit, seed) ? null : TimeSpan.FromSeconds(start + windowSeconds - now);
    }

    /// <summary>Gives back one that was taken in this window, for what failed by no fault of its key.</summary>
    public void GiveBack(string key) => ShardOf(key).GiveBack(key, Window().Start);

    /// <summary>What <see cref="Take"/> would answer now. Takes nothing.</summary>
    public (long Used, TimeSpan? Wait) Look(string key, int limit, Func<long, long>? seed = null)
    {
        var (now, start) = Window();
        var used = ShardOf(key).Used(key, start) ?? seed?.Invoke(start) ?? 0;
        return (used, limit == 0 || used < limit ? null : TimeSpan.FromSeconds(start + windowSeconds - now));
    }

    private (long Now, long Start) Window()
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        return (now, now - (now % windowSeconds));
    }

    private Shard ShardOf(string key) => _shards[(uint)string.GetHashCode(key, StringComparison.Ordinal) % Shards];

    private sealed class Shard
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
        private readonly Entry[] _entries = new Entry[KeysPerShard];
        private int _next;

        public int Count
        {
            get
            {
                lock (_lock) return _places.Count;
            }
        }

        public long? Used(string key, long start)
        {
            lock (_lock)
            {
                return _places.TryGetValue(key, out var place) && _entries[place].Start == start
                    ? _entries[place].Used
                    : null;
            }
        }

        public bool TryTake(string key, long start, int limit, Func<long, long>? seed)
        {
            // Asked outside the lock, since it may read the disk; when two ask at once the first answer counts.
            var seeded = seed is null || Used(key, start) is not null ? 0 : seed(start);
            lock (_lock)
            {
                if (!_places.TryGetValue(key, out var place)) place = Place(key, start);
                ref var entry = ref _entries[place];
                if (entry.Start != start || entry.Key != key) entry = new Entry(key, start, seeded);
                if (entry.Used >= limit) return false;
                entry.Used++;
                return true;
            }
        }

        public void GiveBack(string key, long start)
        {
            lock (_lock)
            {
                if (!_places.TryGetValue(key, out var place)) return;
                ref var entry = ref _entries[place];
                if (entry.Start == start && entry.Used > 0) entry.Used--;
            }
        }

        /// <summary>A free place, or that of a key that can go.</summary>
        private int Place(string key, long start)
        {
            var place = _places.Count < KeysPerShard ? _places.Count : LeastUsed(start);
            if (_entries[place].Key is { } gone) _places.Remove(gone);
            _places[key] = place;
            return place;
        }

        private int LeastUsed(long start)
        {
            var least = _next;
            for (var i = 0; i < Looked; i++)
            {
                var place = (_next + i) % KeysPerShard;
                if (_entries[place].Start != start) return place;
                if (_entries[place].Used < _entries[least].Used) least = place;
            }

            _next = (_next + Looked) % KeysPerShard;
            return least;
        }

        private record struct Entry(string? Key, long Start, long Used);
    }
}

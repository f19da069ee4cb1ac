using Broker.Foundation.Results;

namespace Broker.Aws;

/// <summary>When what is kept is fetched anew.</summary>
/// <param name="Least">With no more time left than this it is not given: whoever comes waits for a new one.</param>
/// <param name="Ahead">With no more time left than this, one caller fetches a new one while the others get it.</param>
/// <param name="Patience">How long that one caller waits before it gets the old one too.</param>
internal readonly record struct RefreshWindow(TimeSpan Least, TimeSpan Ahead, TimeSpan Patience)
{
    /// <summary>Nothing is fetched before it must be.</summary>
    public static RefreshWindow At(TimeSpan least) => new(least, least, TimeSpan.Zero);
}

/// <summary>
/// Credentials in memory while they last, for a bounded number of keys. Callers that come together wait for one fetch;
/// a fetch that failed is not kept. Whoever hangs up does not end a fetch that others wait for.
/// </summary>
/// <param name="most">Keys; beyond it, those that end first are forgotten.</param>
internal sealed class KeptCredentials<TKey, TValue>(int most, Func<TValue, DateTimeOffset> expiryOf, TimeProvider time)
    where TKey : notnull
    where TValue : class
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, Place> _places = [];

    /// <summary>Kept ones where they last, else new ones; a refusal where there are none.</summary>
    public async Task<Result<Kept<TValue>>> GetAsync(
        TKey key, RefreshWindow window, Func<Task<Result<TValue>>> fetch)
    {
        var (kept, fetching) = Find(key, window, fetch);
        if (fetching is null) return new Kept<TValue>(kept!, true);
        if (kept is null)
        {
            var fetched = await fetching;
            return fetched.Refusal is { } refusal ? refusal : new Kept<TValue>(fetched.Value, false);
        }

        // Old ones last still: what goes wrong with the new ones is the next caller's to see.
        await Task.WhenAny(fetching, Task.Delay(window.Patience, time));
        if (!fetching.IsCompletedSuccessfully) return new Kept<TValue>(kept, true);
        var renewed = await fetching;
        return renewed.IsRefused ? new Kept<TValue>(kept, true) : new Kept<TValue>(renewed.Value, false);
    }

    /// <summary>Forgets what is kept under the key, where it is what somebody found wrong.</summary>
    public void Drop(TKey key, Func<TValue, bool> isWrong)
    {
        lock (_gate)
        {
            if (_places.TryGetValue(key, out var place) && place.Value is { } kept && isWrong(kept)) place.Value = null;
        }
    }

    /// <summary>
    /// What is kept, null where it does not last; and the fetch to wait for, null where there is none to wait for.
    /// </summary>
    private (TValue? Kept, Task<Result<TValue>>? Fetching) Find(
        TKey key, RefreshWindow window, Func<Task<Result<TValue>>> fetch)
    {
        lock (_gate)
        {
            if (!_places.TryGetValue(key, out var place))
            {
                if (_places.Count >= most) MakeRoom();
                _places[key] = place = new Place();
            }

            var left = place.Value is null ? TimeSpan.Zero : expiryOf(place.Value) - time.GetUtcNow();
            var kept = left > window.Least ? place.Value : null;
            if (kept is not null && (left > window.Ahead || place.Fetching is not null)) return (kept, null);
            return (kept, place.Fetching ??= Task.Run(() => FetchAsync(place, fetch)));
        }
    }

    private async Task<Result<TValue>> FetchAsync(Place place, Func<Task<Result<TValue>>> fetch)
    {
        TValue? fresh = null;
        try
        {
            var fetched = await fetch();
            if (!fetched.IsRefused) fresh = fetched.Value;
            return fetched;
        }
        finally
        {
            lock (_gate)
            {
                place.Fetching = null;
                place.Value = fresh ?? place.Value;
            }
        }
    }

    /// <summary>Those that have ended go; where all last, the one that ends first. What is under way stays.</summary>
    private void MakeRoom()
    {
        var idle = _places.Where(one => one.Value.Fetching is null).ToList();
        var now = time.GetUtcNow();
        var ended = idle.Where(one => one.Value.Value is not { } kept || expiryOf(kept) <= now).ToList();
        foreach (var (key, _) in ended) _places.Remove(key);
        if (ended.Count == 0 && idle.Count > 0) _places.Remove(idle.MinBy(one => expiryOf(one.Value.Value!)).Key);
    }

    private sealed class Place
    {
        public TValue? Value { get; set; }

        /// <summary>Null where none is under way.</summary>
        public Task<Result<TValue>>? Fetching { get; set; }
    }
}

/// <param name="WasKept">They were fetched for an earlier caller.</param>
internal sealed record Kept<TValue>(TValue Value, bool WasKept);

using Broker.Cryptography;

namespace Broker.People;

/// <summary>
/// Keeps things in memory until they expire. Bounded: where all places are taken the oldest goes. A restart forgets all
/// of it.
/// </summary>
internal sealed class ExpiringMemory<T>(int capacity, TimeProvider time)
    where T : class
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Sha256Digest, LinkedListNode<Place>> _places = [];
    private readonly LinkedList<Place> _order = new();

    /// <summary>How many are kept now.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _places.Count;
        }
    }

    /// <summary>Keeps it in the place of what had this key.</summary>
    public void Keep(Sha256Digest key, T kept, DateTimeOffset until)
    {
        lock (_lock)
        {
            Remove(key);
            while (_order.First is { Value: var oldest } && (IsOver(oldest) || _places.Count >= capacity))
                Remove(oldest.Key);
            _places.Add(key, _order.AddLast(new Place(key, kept, until)));
        }
    }

    /// <summary>Null where nothing is kept, or it has expired.</summary>
    public T? Find(Sha256Digest key)
    {
        lock (_lock)
        {
            if (!_places.TryGetValue(key, out var place)) return null;
            if (!IsOver(place.Value)) return place.Value.Kept;
            Remove(key);
            return null;
        }
    }

    /// <summary>All that are kept and wanted. Looks at each of them.</summary>
    public IReadOnlyList<T> Where(Func<T, bool> isWanted)
    {
        lock (_lock)
        {
            return [.. _order.Where(place => !IsOver(place) && isWanted(place.Kept)).Select(place => place.Kept)];
        }
    }

    public void ForgetWhere(Func<T, bool> isUnwanted)
    {
        lock (_lock)
        {
            foreach (var place in _order.Where(place => isUnwanted(place.Kept)).ToList()) Remove(place.Key);
        }
    }

    /// <summary>The first who takes it has it; null as with <see cref="Find"/>.</summary>
    public T? Take(Sha256Digest key)
    {
        lock (_lock)
        {
            var kept = _places.TryGetValue(key, out var place) && !IsOver(place.Value) ? place.Value.Kept : null;
            Remove(key);
            return kept;
        }
    }

    public void Forget(Sha256Digest key)
    {
        lock (_lock) Remove(key);
    }

    private bool IsOver(Place place) => place.Until <= time.GetUtcNow();

    private void Remove(Sha256Digest key)
    {
        if (_places.Remove(key, out var place)) _order.Remove(place);
    }

    private sealed record Place(Sha256Digest Key, T Kept, DateTimeOffset Until);
}

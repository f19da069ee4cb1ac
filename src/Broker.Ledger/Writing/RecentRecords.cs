namespace Broker.Ledger.Writing;

/// <summary>
/// The record ids written last: one that comes twice is refused. An id holds the time at which it was made, and an
/// entry waits for the disk for seconds at most, so a second one can only come soon; <c>ledger verify</c> looks through
/// all of them. For the writer's thread.
/// </summary>
internal sealed class RecentRecords
{
    // Two halves of this many ids each: the older half is forgotten when the newer one is full.
    private const int Half = 1 << 16;

    private HashSet<RecordKey> _newer = new(Half);
    private HashSet<RecordKey> _older = new(Half);

    /// <summary>False when the id came before.</summary>
    public bool TryAdd(RecordKey record)
    {
        if (_older.Contains(record) || !_newer.Add(record)) return false;
        if (_newer.Count < Half) return true;
        (_newer, _older) = (_older, _newer);
        _newer.Clear();
        return true;
    }

    /// <summary>Its entry was not written after all.</summary>
    public void Remove(RecordKey record)
    {
        if (!_newer.Remove(record)) _older.Remove(record);
    }
}

namespace Broker.Ledger.Sqlite.Index;

/// <summary>
/// The newest rows of a log, as far as an index keeps anything of them: written by the thread that commits, read by any
/// other without a lock. What look-ups read of the rows that the index does not cover yet.
/// </summary>
internal sealed class IndexTail(long size)
{
    private const int Capacity = 1 << 18;

    // Rows that may be overwritten while somebody reads.
    private const int Margin = 1 << 14;

    private readonly IndexRow[] _rows = new IndexRow[Capacity];
    private long _begin = size;
    private long _head = size;

    /// <summary>The id of the newest row.</summary>
    public long Head => Volatile.Read(ref _head);

    /// <summary>Adds rows that follow one another. For the thread that commits.</summary>
    public void Add(in IndexRow row) => _rows[row.Id % Capacity] = row;

    /// <summary>Lets the rows up to this id be seen.</summary>
    public void Publish(long id) => Volatile.Write(ref _head, id);

    /// <summary>
    /// The log has more rows than were added here: what is kept begins anew behind them. For the thread that commits.
    /// </summary>
    public void Restart(long size)
    {
        // In this order: whoever sees the new head sees the new beginning too.
        Volatile.Write(ref _begin, size);
        Publish(size);
    }

    /// <summary>
    /// The ids behind <paramref name="afterId"/> whose rows match, in order, up to <paramref name="head"/>: the log may
    /// go further by a commit that is not announced yet. Null when some of them are not here.
    /// </summary>
    public List<long>? Find(long afterId, Func<EntryKeys, bool> matches, out long head)
    {
        head = Head;
        if (!Holds(afterId, head)) return null;
        var found = new List<long>();
        for (var id = afterId + 1; id <= head; id++)
        {
            if (matches(_rows[id % Capacity].Keys)) found.Add(id);
        }

        return Head - afterId <= Capacity ? found : null;
    }

    /// <summary>Copies the rows behind an id, as many as there is room for. False when they are not all here.</summary>
    public bool TryCopy(long afterId, Span<IndexRow> rows)
    {
        if (!Holds(afterId, Head)) return false;
        for (var i = 0; i < rows.Length; i++) rows[i] = _rows[(afterId + 1 + i) % Capacity];
        return Head - afterId <= Capacity;
    }

    // True when all rows behind this id are here.
    private bool Holds(long afterId, long head) =>
        afterId >= Volatile.Read(ref _begin) && head - afterId <= Capacity - Margin;
}

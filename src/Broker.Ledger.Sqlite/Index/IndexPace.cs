namespace Broker.Ledger.Sqlite.Index;

/// <summary>How closely an index follows its log.</summary>
/// <param name="RowsOfRun">Rows that are written at once.</param>
/// <param name="Tick">How often the index looks at a log that has grown by less than a run.</param>
/// <param name="LongestWait">After so long a run is made of what there is.</param>
internal sealed record IndexPace(int RowsOfRun, TimeSpan Tick, TimeSpan LongestWait)
{
    /// <summary>
    /// Rows of a run: enough that a page takes many of them, and few enough that look-ups pass over them in no time.
    /// </summary>
    public static readonly IndexPace Usual = new(1 << 16, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
}

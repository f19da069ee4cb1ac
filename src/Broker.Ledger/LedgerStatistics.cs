namespace Broker.Ledger;

/// <summary>What is in a ledger, counted.</summary>
/// <param name="Entries">Rows.</param>
/// <param name="FirstAt">Smallest <c>minted_at</c>, Unix seconds; null for a new ledger.</param>
/// <param name="LastAt">Greatest <c>minted_at</c>.</param>
/// <param name="Checkpoints">Signed checkpoints, one per commit.</param>
/// <param name="Tiles">Full tiles of the tree.</param>
/// <param name="Actors">Different actors.</param>
/// <param name="FileBytes">Size of the database file.</param>
/// <param name="LogBytes">Size of its write-ahead log, which does not grow with the ledger.</param>
/// <param name="Counts">Rows by outcome and kind.</param>
public sealed record LedgerStatistics(
    long Entries,
    long? FirstAt,
    long? LastAt,
    long Checkpoints,
    long Tiles,
    long Actors,
    long FileBytes,
    long LogBytes,
    IReadOnlyList<LedgerCount> Counts)
{
    /// <summary>What one entry takes on disk, tree and indexes included.</summary>
    public double BytesPerEntry => Entries == 0 ? 0 : (double)FileBytes / Entries;
}

/// <summary>How many rows have this outcome and kind.</summary>
public sealed record LedgerCount(string Outcome, string Kind, long Entries);

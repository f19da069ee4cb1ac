namespace Broker.Ledger.Sqlite;

/// <summary>How a ledger in a SQLite file is written.</summary>
public sealed record SqliteLedgerOptions : LedgerOptions
{
    /// <summary>The database file; its folder exists. The lock file and the index stand beside it.</summary>
    public required string Path { get; init; }

    /// <summary>How long a commit waits while another connection holds the database's write lock.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(2);
}

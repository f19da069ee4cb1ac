using Broker.Ledger.Postgres.Connections;

namespace Broker.Ledger.Postgres;

/// <summary>How a ledger in a PostgreSQL database is written.</summary>
public sealed record PostgresLedgerOptions : LedgerOptions
{
    /// <summary>As the role that reads and appends, see <see cref="PostgresLedger.Prepare"/>.</summary>
    public required PostgresAccess Access { get; init; }
}

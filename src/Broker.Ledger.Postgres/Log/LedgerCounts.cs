using Npgsql;

namespace Broker.Ledger.Postgres.Log;

/// <summary>Counts what is in a ledger, and what its tables and indexes take on the server's disk.</summary>
internal static class LedgerCounts
{
    private const string ByOutcome =
        "SELECT outcome, kind, count(*), min(minted_at), max(minted_at) FROM mint_log GROUP BY outcome, kind "
        + "ORDER BY outcome, kind";

    private const string Others = """
        SELECT (SELECT count(*) FROM checkpoints), (SELECT count(*) FROM tree_tiles),
            (SELECT count(DISTINCT actor_omni) FROM mint_log WHERE actor_omni <> ''),
            (SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class
                WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace)
        """;

    public static LedgerStatistics Read(NpgsqlConnection connection)
    {
        var counts = new List<LedgerCount>();
        long? first = null, last = null;
        using (var select = new NpgsqlCommand(ByOutcome, connection) { CommandTimeout = 0 })
        using (var rows = select.ExecuteReader())
        {
            while (rows.Read())
            {
                counts.Add(new LedgerCount(
                    StoredText.Read(rows.GetString(0)), StoredText.Read(rows.GetString(1)), rows.GetInt64(2)));
                first = Math.Min(first ?? long.MaxValue, rows.GetInt64(3));
                last = Math.Max(last ?? long.MinValue, rows.GetInt64(4));
            }
        }

        using var others = new NpgsqlCommand(Others, connection) { CommandTimeout = 0 };
        using var row = others.ExecuteReader();
        row.Read();
        return new LedgerStatistics(
            counts.Sum(count => count.Entries), first, last, row.GetInt64(0), row.GetInt64(1), row.GetInt64(2),
            row.GetInt64(3), LogBytes: 0, counts);
    }
}

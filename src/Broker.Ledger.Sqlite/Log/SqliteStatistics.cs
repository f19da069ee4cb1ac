using Broker.Ledger.Sqlite.Connections;

namespace Broker.Ledger.Sqlite.Log;

/// <summary>Counts what is in the file.</summary>
internal static class SqliteStatistics
{
    public static LedgerStatistics Read(SqliteDatabase database, string path)
    {
        var counts = new List<LedgerCount>();
        using (var rows = database.Prepare(
            "SELECT outcome, kind, count(*) FROM mint_log GROUP BY outcome, kind ORDER BY outcome, kind"))
        {
            while (rows.Step()) counts.Add(new LedgerCount(rows.Text(0), rows.Text(1), rows.Integer(2)));
        }

        var entries = counts.Sum(count => count.Entries);
        return new LedgerStatistics(
            entries,
            entries == 0 ? null : database.ReadInteger("SELECT min(minted_at) FROM mint_log"),
            entries == 0 ? null : database.ReadInteger("SELECT max(minted_at) FROM mint_log"),
            database.ReadInteger("SELECT count(*) FROM checkpoints") ?? 0,
            database.ReadInteger("SELECT count(*) FROM tree_tiles") ?? 0,
            database.ReadInteger("SELECT count(DISTINCT actor_omni) FROM mint_log WHERE actor_omni <> ''") ?? 0,
            SizeOf(path),
            SizeOf(path + "-wal"),
            counts);
    }

    // By name, never through a handle: closing one would drop SQLite's locks in this process.
    private static long SizeOf(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;
}

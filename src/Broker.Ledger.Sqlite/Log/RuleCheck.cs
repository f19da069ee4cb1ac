using Broker.Ledger.Merkle;
using Broker.Ledger.Sqlite.Connections;

namespace Broker.Ledger.Sqlite.Log;

/// <summary>
/// What of a ledger file's own rules does not hold: triggers that keep the tables append-only, record ids that are
/// unique, tiles that lie where a tree of this size has none.
/// </summary>
internal static class RuleCheck
{
    public static IEnumerable<LedgerFinding> Run(SqliteDatabase database, long covered) =>
        [.. Triggers(database), .. RecordIds(database), .. Tiles(database, covered)];

    private static IEnumerable<LedgerFinding> Triggers(SqliteDatabase database)
    {
        var version = database.ReadInteger("PRAGMA user_version") ?? 0;
        using var trigger = database.Prepare("SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = ?");
        foreach (var (name, sql) in SqliteLedgerSchema.Triggers(version))
        {
            trigger.Bind(1, name);
            var found = trigger.Step() ? trigger.Text(0) : null;
            trigger.Reset();
            if (found is null)
            {
                yield return new LedgerFinding(
                    FindingCode.TriggerMissing, $"the trigger {name} is gone: the file no longer refuses changes");
            }
            else if (found != sql)
            {
                yield return new LedgerFinding(
                    FindingCode.TriggerMissing, $"the trigger {name} was replaced by another");
            }
        }
    }

    // SQLite sorts the ids outside of memory where they are many.
    private static IEnumerable<LedgerFinding> RecordIds(SqliteDatabase database)
    {
        using var repeated = database.Prepare(
            "SELECT record_id, max(id), count(*) FROM mint_log GROUP BY record_id HAVING count(*) > 1 ORDER BY 2");
        while (repeated.Step())
        {
            yield return new LedgerFinding(
                FindingCode.RecordRepeated,
                $"the record id {repeated.Text(0)} stands in {repeated.Integer(2)} rows, the last of them row "
                + $"{repeated.Integer(1)}", repeated.Integer(1));
        }
    }

    private static IEnumerable<LedgerFinding> Tiles(SqliteDatabase database, long covered)
    {
        if (database.ReadInteger("SELECT count(*) FROM tree_tiles WHERE tile < 0 OR level < 0 OR level > 7") > 0)
            yield return new LedgerFinding(FindingCode.TileWrong, "there are tiles that no tree can have");
        for (var level = 0; level < 8; level++)
        {
            var full = covered >> (TileNodes.Height * (level + 1));
            var beyond =
                database.ReadInteger($"SELECT min(tile) FROM tree_tiles WHERE level = {level} AND tile >= {full}");
            var count =
                database.ReadInteger($"SELECT count(*) FROM tree_tiles WHERE level = {level} AND tile >= {full}");
            if (count > 0)
            {
                yield return new LedgerFinding(
                    FindingCode.TileWrong, $"tile {level}/{beyond} lies beyond the newest checkpoint");
            }
        }
    }
}

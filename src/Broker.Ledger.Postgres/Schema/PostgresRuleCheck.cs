using Broker.Ledger.Merkle;
using Npgsql;

namespace Broker.Ledger.Postgres.Schema;

/// <summary>
/// What of a ledger's own rules does not hold: triggers that keep the tables append-only, record ids that are unique,
/// tiles that lie where a tree of this size has none, a head that is not that of the newest checkpoint.
/// </summary>
internal static class PostgresRuleCheck
{
    private const string FindTriggers = """
        SELECT c.relname, t.tgname, t.tgenabled::text, t.tgtype::int, t.tgqual IS NULL AND t.tgattr::text = '',
            p.proname, p.prosrc, p.prosecdef
                AND coalesce(p.proconfig = ARRAY['search_path=' || quote_ident(current_schema()) || ', pg_temp'], false)
        FROM pg_trigger t
        JOIN pg_class c ON c.oid = t.tgrelid
        JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal
        """;

    public static IReadOnlyList<LedgerFinding> Run(NpgsqlConnection connection, long covered) =>
        [.. Triggers(connection), .. RecordIds(connection), .. Tiles(connection, covered), .. Head(connection)];

    private static List<LedgerFinding> Triggers(NpgsqlConnection connection)
    {
        var missing = LedgerTriggers.All.ToDictionary(trigger => (trigger.Table, trigger.Name));
        var findings = new List<LedgerFinding>();
        using (var find = new NpgsqlCommand(FindTriggers, connection))
        using (var found = find.ExecuteReader())
        {
            while (found.Read())
            {
                if (!missing.Remove((found.GetString(0), found.GetString(1)), out var trigger)) continue;
                var fires = found.GetString(2) == "A";
                var isSame = found.GetInt32(3) == trigger.Type && found.GetBoolean(4)
                    && found.GetString(5) == trigger.Function
                    && found.GetString(6) == LedgerTriggers.Functions[trigger.Function] && found.GetBoolean(7);
                if (!fires) findings.Add(Trigger(trigger, "is turned off, or not for every session"));
                else if (!isSame) findings.Add(Trigger(trigger, "was replaced by another"));
            }
        }

        findings.AddRange(missing.Values.Select(
            trigger => Trigger(trigger, "is gone: the database no longer refuses changes")));
        return findings;
    }

    private static LedgerFinding Trigger(LedgerTrigger trigger, string what) =>
        new(FindingCode.TriggerMissing, $"the trigger {trigger.Name} {what}");

    private static List<LedgerFinding> RecordIds(NpgsqlConnection connection) => Findings(connection,
        "SELECT record_id, max(id), count(*) FROM mint_log GROUP BY record_id HAVING count(*) > 1 ORDER BY 2",
        row => new LedgerFinding(
            FindingCode.RecordRepeated,
            $"the record id {row.GetString(0)} stands in {row.GetInt64(2)} rows, the last of them row "
            + $"{row.GetInt64(1)}", row.GetInt64(1)));

    private static IEnumerable<LedgerFinding> Tiles(NpgsqlConnection connection, long covered)
    {
        foreach (var finding in Findings(connection,
            "SELECT 1 FROM tree_tiles WHERE tile < 0 OR level < 0 OR level > 7 LIMIT 1",
            _ => new LedgerFinding(FindingCode.TileWrong, "there are tiles that no tree can have")))
        {
            yield return finding;
        }

        for (var level = 0; level < 8; level++)
        {
            var full = level < 7 ? covered >> (TileNodes.Height * (level + 1)) : 0;
            var at = level;
            foreach (var finding in Findings(connection,
                $"SELECT min(tile) FROM tree_tiles WHERE level = {level} AND tile >= {full} HAVING count(*) > 0",
                row => new LedgerFinding(FindingCode.TileWrong,
                    $"tile {at}/{row.GetInt64(0)} lies beyond the newest checkpoint")))
            {
                yield return finding;
            }
        }
    }

    // A commit compares with the head: one that was set back would let the tree fork.
    private static List<LedgerFinding> Head(NpgsqlConnection connection) => Findings(connection,
        """
        SELECT h.size, h.last_id FROM ledger_head h
        LEFT JOIN LATERAL (SELECT tree_size, root FROM checkpoints ORDER BY tree_size DESC LIMIT 1) c ON true
        WHERE h.size <> coalesce(c.tree_size, 0) OR h.last_id <> h.size OR (c.root IS NOT NULL AND c.root <> h.root)
        """,
        row => new LedgerFinding(FindingCode.CheckpointWrong,
            $"the head, of {row.GetInt64(0)} rows, is not that of the newest checkpoint"));

    private static List<LedgerFinding> Findings(
        NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, LedgerFinding> read)
    {
        var findings = new List<LedgerFinding>();
        using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        using var rows = command.ExecuteReader();
        while (rows.Read()) findings.Add(read(rows));
        return findings;
    }
}

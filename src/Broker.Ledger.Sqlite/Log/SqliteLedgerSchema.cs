using Broker.Ledger.Sqlite.Connections;

namespace Broker.Ledger.Sqlite.Log;

/// <summary>
/// The tables of a ledger file, a log that is found its way in by an index beside it. All are append-only, and the database itself says so: triggers abort UPDATE and
/// DELETE, and a third kind aborts an INSERT that would take the place of a row (<c>INSERT OR REPLACE</c> fires no
/// delete trigger) or leave the order.
/// </summary>
internal static class SqliteLedgerSchema
{
    /// <summary>
    /// The form that new files have, kept in <c>PRAGMA user_version</c>; a file with a higher number was written by a
    /// later Broker.
    /// </summary>
    public const int Version = 2;

    /// <summary>
    /// The form before: with indexes of its own and a rule for unique record ids, which cost more than the rows. It is
    /// read and written as it is; <c>ledger upgrade</c> copies it into the new one.
    /// </summary>
    public const int IndexedVersion = 1;

    /// <summary>The columns of <c>mint_log</c> in their order, the ones that operators know first.</summary>
    public const string EntryColumns =
        "id, minted_at, requester_token, requester_wallet, requested_role, session_duration_seconds, " +
        "sts_session_name, outcome, outcome_detail, record_id, kind, actor_omni, subject, request_id, request_hash, " +
        "access_key_id, expires_at, evidence, leaf_hash";

    private const string ColumnsBeforeRecordId = """
            minted_at INTEGER NOT NULL,
            requester_token TEXT NOT NULL,
            requester_wallet TEXT NOT NULL,
            requested_role TEXT NOT NULL,
            session_duration_seconds INTEGER NOT NULL,
            sts_session_name TEXT NOT NULL,
            outcome TEXT NOT NULL,
            outcome_detail TEXT,
        """;

    private const string ColumnsBehindRecordId = """
            kind TEXT NOT NULL,
            actor_omni TEXT NOT NULL,
            subject TEXT NOT NULL,
            request_id TEXT NOT NULL,
            request_hash TEXT NOT NULL,
            access_key_id TEXT NOT NULL,
            expires_at INTEGER NOT NULL,
            evidence TEXT NOT NULL,
            leaf_hash TEXT NOT NULL
        """;

    private const string EntryTable = $"""
        CREATE TABLE mint_log (
            id INTEGER PRIMARY KEY,
        {ColumnsBeforeRecordId}
            record_id TEXT NOT NULL,
        {ColumnsBehindRecordId}
        ) STRICT;
        """;

    private const string IndexedEntryTable = $"""
        CREATE TABLE mint_log (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
        {ColumnsBeforeRecordId}
            record_id TEXT NOT NULL UNIQUE,
        {ColumnsBehindRecordId}
        ) STRICT;
        CREATE INDEX mint_log_minted_at ON mint_log (minted_at);
        CREATE INDEX mint_log_requester_wallet ON mint_log (requester_wallet);
        CREATE INDEX mint_log_actor_omni ON mint_log (actor_omni);
        """;

    private const string TreeTables = """
        -- Full tiles of C2SP tlog-tiles: 256 hashes of 32 bytes; root is the hash over them, in the tile above.
        CREATE TABLE tree_tiles (
            level INTEGER NOT NULL,
            tile INTEGER NOT NULL,
            root BLOB NOT NULL,
            hashes BLOB NOT NULL,
            PRIMARY KEY (level, tile)
        ) STRICT;

        -- One per commit: the tree as it was then, and the signed note that says so (C2SP tlog-checkpoint).
        CREATE TABLE checkpoints (
            tree_size INTEGER PRIMARY KEY,
            root BLOB NOT NULL,
            note TEXT NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;
        """;

    /// <summary>
    /// The keys that sign checkpoints, as vkeys, in the order of their use: what the ledger says of itself, for a check
    /// that is given no key. Beside the other tables, so that an older ledger gets it when opened.
    /// </summary>
    public const string KeyTable = """
        CREATE TABLE IF NOT EXISTS checkpoint_keys (
            id INTEGER PRIMARY KEY,
            vkey TEXT NOT NULL UNIQUE
        ) STRICT;
        CREATE TRIGGER IF NOT EXISTS checkpoint_keys_no_update BEFORE UPDATE ON checkpoint_keys
        BEGIN SELECT RAISE(ABORT, 'checkpoint_keys is append-only'); END;
        CREATE TRIGGER IF NOT EXISTS checkpoint_keys_no_delete BEFORE DELETE ON checkpoint_keys
        BEGIN SELECT RAISE(ABORT, 'checkpoint_keys is append-only'); END;
        """;

    /// <summary>Name and statement of every trigger that keeps a file of this version append-only.</summary>
    public static IReadOnlyList<(string Name, string Sql)> Triggers(long version) =>
    [
        .. AppendOnly("mint_log", version == IndexedVersion
            ? """
              NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM mint_log)
              OR EXISTS (SELECT 1 FROM mint_log WHERE record_id = NEW.record_id)
              """
            : "NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM mint_log)"),
        .. AppendOnly("tree_tiles",
            "EXISTS (SELECT 1 FROM tree_tiles WHERE level = NEW.level AND tile = NEW.tile)"),
        .. AppendOnly("checkpoints",
            "NEW.tree_size IS NOT (SELECT max(id) FROM mint_log) "
            + "OR EXISTS (SELECT 1 FROM checkpoints WHERE tree_size >= NEW.tree_size)"),
    ];

    /// <summary>Makes the tables in an empty file.</summary>
    public static void CreateTables(SqliteDatabase database, long version)
    {
        database.Execute(version == IndexedVersion ? IndexedEntryTable : EntryTable);
        database.Execute(TreeTables);
        database.Execute($"PRAGMA user_version = {version}");
    }

    /// <summary>Makes the triggers: from now on rows are only appended, one after the other.</summary>
    public static void CreateTriggers(SqliteDatabase database, long version)
    {
        foreach (var trigger in Triggers(version)) database.Execute(trigger.Sql);
    }

    private static IEnumerable<(string Name, string Sql)> AppendOnly(string table, string refusedInsert)
    {
        yield return Trigger(table, "no_update", "BEFORE UPDATE", "");
        yield return Trigger(table, "no_delete", "BEFORE DELETE", "");
        yield return Trigger(table, "only_append", "BEFORE INSERT", $"WHEN {refusedInsert}");
    }

    private static (string Name, string Sql) Trigger(string table, string rule, string moment, string condition)
    {
        var name = $"{table}_{rule}";
        return (name, $"""
            CREATE TRIGGER {name} {moment} ON {table} {condition}
            BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
            """);
    }
}

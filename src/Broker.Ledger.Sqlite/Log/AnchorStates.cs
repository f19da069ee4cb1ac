using Broker.Ledger.Merkle;
using Broker.Ledger.Sqlite.Connections;
using Broker.Ledger.Storage;

namespace Broker.Ledger.Sqlite.Log;

/// <summary>
/// Whether the anchor holds an entry: <c>pending</c>, then <c>confirmed</c> or <c>quarantined</c>, in a table of its
/// own (<c>plugin_mint_log</c>) beside the rows that never change. A row is inserted in the transaction of its entry;
/// a state is left once and for all, which the database itself enforces.
/// </summary>
internal sealed class AnchorStates(string path, TimeSpan busyTimeout) : IAnchorStates
{
    private const string Schema = """
        CREATE TABLE IF NOT EXISTS plugin_mint_log (
            id TEXT PRIMARY KEY,
            minted_at INTEGER NOT NULL,
            record_hash TEXT NOT NULL,
            omni_account TEXT NOT NULL,
            wallet TEXT NOT NULL,
            agent_id TEXT NOT NULL,
            service TEXT NOT NULL,
            grant_id TEXT NOT NULL DEFAULT '',
            status TEXT NOT NULL DEFAULT 'confirmed'
                CHECK (status IN ('pending', 'confirmed', 'quarantined', 'failed')),
            outcome TEXT NOT NULL,
            outcome_detail TEXT,
            row_id INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX IF NOT EXISTS plugin_mint_log_minted_at ON plugin_mint_log (minted_at);
        CREATE INDEX IF NOT EXISTS plugin_mint_log_omni_account ON plugin_mint_log (omni_account);
        CREATE INDEX IF NOT EXISTS plugin_mint_log_record_hash ON plugin_mint_log (record_hash);
        CREATE INDEX IF NOT EXISTS plugin_mint_log_status ON plugin_mint_log (status, row_id);
        CREATE TRIGGER IF NOT EXISTS plugin_mint_log_one_way BEFORE UPDATE ON plugin_mint_log
        WHEN OLD.status <> 'pending' OR NEW.id <> OLD.id OR NEW.record_hash <> OLD.record_hash
            OR NEW.row_id <> OLD.row_id
        BEGIN SELECT RAISE(ABORT, 'plugin_mint_log: only a pending row changes, and only its status'); END;
        CREATE TRIGGER IF NOT EXISTS plugin_mint_log_no_delete BEFORE DELETE ON plugin_mint_log
        BEGIN SELECT RAISE(ABORT, 'plugin_mint_log keeps its rows'); END;
        CREATE TABLE IF NOT EXISTS anchor_archives (
            first_id INTEGER PRIMARY KEY,
            last_id INTEGER NOT NULL,
            receipt TEXT NOT NULL,
            archived_at INTEGER NOT NULL
        ) STRICT;
        """;

    public static void CreateTables(SqliteDatabase database) => database.Execute(Schema);

    /// <summary>The statement with which the writer notes an entry as pending.</summary>
    public static SqliteStatement PrepareInsert(SqliteDatabase database) => database.Prepare(
        "INSERT INTO plugin_mint_log (id, minted_at, record_hash, omni_account, wallet, agent_id, service, status, " +
        "outcome, outcome_detail, row_id) VALUES (?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?)");

    public static void Insert(SqliteStatement insert, LedgerColumns entry, long id, in MerkleHash leaf)
    {
        insert.Bind(1, entry.RecordId);
        insert.Bind(2, entry.MintedAt);
        insert.BindHex(3, leaf);
        insert.Bind(4, entry.ActorOmni);
        insert.Bind(5, entry.RequesterWallet);
        insert.Bind(6, entry.StsSessionName);
        insert.Bind(7, entry.RequestedRole);
        insert.Bind(8, entry.Outcome);
        insert.Bind(9, entry.OutcomeDetail);
        insert.Bind(10, id);
        insert.Run();
    }

    public IReadOnlyList<string> Pending() => Ids("pending");

    public IReadOnlyList<string> Quarantined() => Ids("quarantined");

    public void Confirm(long upToRowId, string receipt) => Change(
        "UPDATE plugin_mint_log SET status = 'confirmed', outcome_detail = ? WHERE status = 'pending' AND row_id <= ?",
        receipt, upToRowId);

    public long Quarantine(DateTimeOffset mintedBefore, string reason) => Change(
        "UPDATE plugin_mint_log SET status = 'quarantined', outcome_detail = ? " +
        "WHERE status = 'pending' AND minted_at < ?",
        reason, mintedBefore.ToUnixTimeSeconds());

    public long ArchivedTo()
    {
        using var database = SqliteDatabase.OpenForReading(path, busyTimeout);
        return database.ReadInteger("SELECT coalesce(max(last_id), 0) FROM anchor_archives") ?? 0;
    }

    public void RecordArchive(RowArchive archive, AnchorReceipt receipt)
    {
        using var database = SqliteDatabase.OpenForWriting(path, busyTimeout);
        using var insert = database.Prepare("INSERT INTO anchor_archives VALUES (?, ?, ?, ?)");
        insert.Bind(1, archive.FirstId);
        insert.Bind(2, archive.LastId);
        insert.Bind(3, receipt.Detail);
        insert.Bind(4, receipt.AnchoredAt.ToUnixTimeSeconds());
        insert.Run();
    }

    private List<string> Ids(string status)
    {
        using var database = SqliteDatabase.OpenForReading(path, busyTimeout);
        using var rows = database.Prepare("SELECT id FROM plugin_mint_log WHERE status = ? ORDER BY row_id LIMIT 100");
        rows.Bind(1, status);
        var ids = new List<string>();
        while (rows.Step()) ids.Add(rows.Text(0));
        return ids;
    }

    private long Change(string sql, string detail, long bound)
    {
        using var database = SqliteDatabase.OpenForWriting(path, busyTimeout);
        using var update = database.Prepare(sql);
        update.Bind(1, detail);
        update.Bind(2, bound);
        update.Run();
        return database.ReadInteger("SELECT changes()") ?? 0;
    }
}

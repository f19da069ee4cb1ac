using Broker.Foundation;
using Broker.Ledger.Sqlite.Connections;

namespace Broker.Ledger.Sqlite.Index;

/// <summary>
/// The index as its one writer sees it: where the rows of the log are, by record id, actor, wallet, time and kind.
/// Derived from the log and made anew whenever it does not fit, so that it is written without waiting for the disk.
/// </summary>
/// <remarks>
/// Rows come in runs, in the order of each table, so that a page is written once a run. Texts are kept as
/// <see cref="EntryKeys"/>; a wallet leads to its actors, and those to their rows; times and kinds are those of blocks
/// of a thousand rows.
/// </remarks>
internal sealed class IndexFile : IDisposable
{
    public const int Version = 1;

    private const string Tables = """
        CREATE TABLE by_record (
            seconds INTEGER NOT NULL, digits INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (seconds, digits, id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE by_actor (
            actor INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (actor, id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE wallets (
            wallet INTEGER NOT NULL, actor INTEGER NOT NULL, PRIMARY KEY (wallet, actor)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE blocks (
            first_id INTEGER PRIMARY KEY, last_id INTEGER NOT NULL, first_time INTEGER NOT NULL,
            last_time INTEGER NOT NULL, kinds INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE state (
            one INTEGER PRIMARY KEY CHECK (one = 1), covered INTEGER NOT NULL, first_leaf TEXT NOT NULL,
            last_leaf TEXT NOT NULL, sums TEXT NOT NULL
        ) STRICT;
        """;

    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(5);

    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _insertRecord;
    private readonly SqliteStatement _insertActor;
    private readonly SqliteStatement _insertWallet;
    private readonly SqliteStatement _putBlock;
    private readonly SqliteStatement _putState;
    private IndexSums _sums = new();
    private IndexBlock? _lastBlock;

    private IndexFile(SqliteDatabase database)
    {
        _database = database;
        _insertRecord = database.Prepare("INSERT INTO by_record VALUES (?, ?, ?)");
        _insertActor = database.Prepare("INSERT INTO by_actor VALUES (?, ?)");
        _insertWallet = database.Prepare("INSERT OR IGNORE INTO wallets VALUES (?, ?)");
        _putBlock = database.Prepare("INSERT OR REPLACE INTO blocks VALUES (?, ?, ?, ?, ?)");
        _putState = database.Prepare("INSERT OR REPLACE INTO state VALUES (1, ?, ?, ?, ?)");
        ReadState();
    }

    /// <summary>The last row id that it covers; it covers all before.</summary>
    public long Covered { get; private set; }

    /// <summary>
    /// Opens the index of a log; makes it anew, empty and with mode 0600, where there is none that is whole and its.
    /// </summary>
    /// <exception cref="SqliteFailure">It cannot be made.</exception>
    /// <exception cref="IOException">A database of something else has its name.</exception>
    public static IndexFile Open(string path, SqliteDatabase log)
    {
        if (File.Exists(path))
        {
            if (HoldsSomethingElse(path)) throw new IOException($"\"{path}\" is another database");
            if (TryOpen(path, log) is { } whole) return whole;
        }

        IndexPath.Delete(path);
        using (new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = DurableFile.OwnerOnly,
        }))
        {
        }

        var database = Connect(path);
        try
        {
            database.Execute($"BEGIN; {Tables}; PRAGMA user_version = {Version};");
            database.Execute($"INSERT INTO state VALUES (1, 0, '', '', '{new IndexSums()}'); COMMIT;");
            return new IndexFile(database);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Takes up the rows that follow, all of them at once.</summary>
    /// <param name="rows">In the order of their ids, the first one behind <see cref="Covered"/>. Is sorted.</param>
    /// <param name="lastLeaf">The leaf hash of the last row.</param>
    /// <param name="firstLeaf">The leaf hash of the ledger's first row.</param>
    public void Add(Span<IndexRow> rows, string firstLeaf, string lastLeaf)
    {
        var sums = _sums.Copy();
        var covered = rows[^1].Id;
        _database.Execute("BEGIN IMMEDIATE");
        try
        {
            var lastBlock = AddBlocks(rows, sums);
            foreach (ref readonly var row in rows) sums.Add(row);
            AddRecords(rows);
            AddActors(rows, sums);
            _putState.Bind(1, covered);
            _putState.Bind(2, firstLeaf);
            _putState.Bind(3, lastLeaf);
            _putState.Bind(4, sums.ToString());
            _putState.Run();
            _database.Execute("COMMIT");
            (Covered, _sums, _lastBlock) = (covered, sums, lastBlock);
        }
        catch
        {
            if (_database.InTransaction) _database.Execute("ROLLBACK");
            throw;
        }
    }

    public void Dispose() => _database.Dispose();

    // What is made anew was made here: a database that somebody has put under this name is theirs.
    private static bool HoldsSomethingElse(string path)
    {
        try
        {
            using var database = SqliteDatabase.OpenForReading(path, BusyTimeout);
            return database.ReadInteger(
                "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name NOT IN "
                + "('by_record', 'by_actor', 'wallets', 'blocks', 'state')") is not null;
        }
        catch (SqliteFailure)
        {
            return false;
        }
    }

    private static IndexFile? TryOpen(string path, SqliteDatabase log)
    {
        SqliteDatabase? database = null;
        try
        {
            database = Connect(path);
            if (IndexCheck.FindFault(database, log) is null) return new IndexFile(database);
        }
        catch (SqliteFailure)
        {
            // Made anew; if even that fails, it is said then.
        }

        database?.Dispose();
        return null;
    }

    private static SqliteDatabase Connect(string path)
    {
        var database = SqliteDatabase.OpenForWriting(path, BusyTimeout);
        try
        {
            database.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -16384;");
            database.Execute("PRAGMA journal_size_limit = 16777216;");
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    private void ReadState()
    {
        using (var state = _database.Prepare("SELECT covered, sums FROM state"))
        {
            _ = state.Step();
            Covered = state.Integer(0);
            _sums = IndexSums.Parse(state.Text(1)) ?? new IndexSums();
        }

        using var last = _database.Prepare("SELECT * FROM blocks ORDER BY first_id DESC LIMIT 1");
        if (!last.Step()) return;
        _lastBlock = new IndexBlock(
            last.Integer(0), last.Integer(1), last.Integer(2), last.Integer(3), last.Integer(4));
    }

    private IndexBlock? AddBlocks(Span<IndexRow> rows, IndexSums sums)
    {
        IndexBlock? open = null;
        if (_lastBlock is { IsFull: false } last)
        {
            sums.Remove(last);
            open = last;
        }

        foreach (ref readonly var row in rows)
        {
            open = open is { } block ? block.With(row) : IndexBlock.Of(row);
            if (!open.Value.IsFull) continue;
            Put(open.Value, sums);
            open = null;
        }

        if (open is { } rest) Put(rest, sums);
        return open;
    }

    private void Put(in IndexBlock block, IndexSums sums)
    {
        sums.Add(block);
        _putBlock.Bind(1, block.FirstId);
        _putBlock.Bind(2, block.LastId);
        _putBlock.Bind(3, block.FirstTime);
        _putBlock.Bind(4, block.LastTime);
        _putBlock.Bind(5, block.Kinds);
        _putBlock.Run();
    }

    private void AddRecords(Span<IndexRow> rows)
    {
        rows.Sort(static (a, b) =>
        {
            var seconds = a.Keys.Record.Seconds.CompareTo(b.Keys.Record.Seconds);
            return seconds != 0 ? seconds : a.Keys.Record.Digits.CompareTo(b.Keys.Record.Digits);
        });
        foreach (ref readonly var row in rows)
        {
            _insertRecord.Bind(1, row.Keys.Record.Seconds);
            _insertRecord.Bind(2, row.Keys.Record.Digits);
            _insertRecord.Bind(3, row.Id);
            _insertRecord.Run();
        }
    }

    private void AddActors(Span<IndexRow> rows, IndexSums sums)
    {
        rows.Sort(static (a, b) =>
        {
            var actor = a.Keys.Actor.CompareTo(b.Keys.Actor);
            return actor != 0 ? actor : a.Id.CompareTo(b.Id);
        });
        (long Wallet, long Actor)? before = null;
        foreach (ref readonly var row in rows)
        {
            _insertActor.Bind(1, row.Keys.Actor);
            _insertActor.Bind(2, row.Id);
            _insertActor.Run();
            if (before == (row.Keys.Wallet, row.Keys.Actor)) continue;
            before = (row.Keys.Wallet, row.Keys.Actor);
            _insertWallet.Bind(1, row.Keys.Wallet);
            _insertWallet.Bind(2, row.Keys.Actor);
            _insertWallet.Run();
            if (_database.Changes > 0) sums.AddWallet(row.Keys.Wallet, row.Keys.Actor);
        }
    }
}

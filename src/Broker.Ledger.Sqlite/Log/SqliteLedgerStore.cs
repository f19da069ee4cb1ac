using Broker.Ledger.Notes;
using Broker.Ledger.Sqlite.Connections;
using Broker.Ledger.Sqlite.Files;
using Broker.Ledger.Sqlite.Index;
using Broker.Ledger.Storage;

namespace Broker.Ledger.Sqlite.Log;

/// <summary>
/// The ledger in one SQLite file: write-ahead log, <c>synchronous=FULL</c>, so a commit returns after the WAL is on
/// disk. Statements are prepared once per connection.
/// </summary>
internal sealed class SqliteLedgerStore : ILedgerStore
{
    // Entries after which their pages are copied out of the write-ahead log (WAL), at the latest; WalBound has them copied
    // earlier where they take many bytes.
    private const int EntriesPerCopy = 4000;

    // Room for the pages that the newest entries of a few thousand actors lie on. SQLite looks through all of its cache
    // at a commit that has split a page in two, while the file is below 1 GiB: more room would cost more than it gives.
    private const int CacheKibibytes = 16 * 1024;

    private readonly string _path;
    private readonly LedgerLock _lock;
    private readonly TimeSpan _busyTimeout;
    private readonly bool _tracksAnchor;
    private readonly IndexPace _pace;
    private SqliteDatabase? _database;
    private SqliteStatement _begin = null!;
    private SqliteStatement _commit = null!;
    private SqliteCommitWriter _writer = null!;
    private WalBound _bound = null!;
    private WalCheckpointer? _checkpointer;
    private LedgerIndex? _index;
    private long _version;
    private bool _isBroken;
    private int _entriesSinceCopy;

    private SqliteLedgerStore(
        string path, LedgerLock heldLock, TimeSpan busyTimeout, bool tracksAnchor, IndexPace pace)
    {
        _pace = pace;
        _path = path;
        _lock = heldLock;
        _busyTimeout = busyTimeout;
        _tracksAnchor = tracksAnchor;
        if (tracksAnchor) AnchorStates = new AnchorStates(path, busyTimeout);
    }

    public IAnchorStates? AnchorStates { get; }

    public StoreStatus Status => _index?.Status ?? new StoreStatus(0, null);

    /// <summary>
    /// Opens the file, or creates it with mode 0600 and its tables, as its only writer. Where an anchor is tracked,
    /// every entry is noted as pending in the same transaction.
    /// </summary>
    /// <exception cref="LedgerOpenException">The file cannot be a ledger that this Broker writes.</exception>
    public static SqliteLedgerStore Open(
        string path, TimeSpan busyTimeout, bool tracksAnchor, IndexPace? pace = null)
    {
        var store = new SqliteLedgerStore(
            path, LedgerLock.Take(path), busyTimeout, tracksAnchor, pace ?? IndexPace.Usual);
        try
        {
            CreateFile(path);
            store._bound = new WalBound(path);
            if (store._bound.IsDiskFull)
            {
                throw new LedgerOpenException(LedgerOpenFault.NotWritable,
                    $"\"{path}\" cannot be written, the disk is full: make room, then start again");
            }

            store.Connect();
            store._checkpointer = new WalCheckpointer(path, busyTimeout, store._bound.Usual);

            // What a process that was killed left in the WAL.
            if (store._bound.Length > 0) store._checkpointer.Wake();
            return store;
        }
        catch (Exception e) when (e is SqliteFailure or IOException or UnauthorizedAccessException)
        {
            store.Dispose();
            throw LedgerOpenException.For(path, e);
        }
        catch (LedgerOpenException)
        {
            store.Dispose();
            throw;
        }
    }

    private SqliteDatabase Database => _database
        ?? throw new InvalidOperationException("the ledger's file is not open");

    public LedgerHead Load()
    {
        if (_isBroken)
        {
            Disconnect();
            Connect();
            _isBroken = false;
        }

        var head = SqliteLedgerHead.Load(Database);
        _index ??= new LedgerIndex(_path, head.Size, _pace);
        _index.Loaded(head.Size);
        return head;
    }

    public void Commit(LedgerCommit commit)
    {
        Guarded(() => Write(commit));
        _entriesSinceCopy += commit.Rows.Count;
        _index!.Committed(commit);
        if (_entriesSinceCopy < EntriesPerCopy) return;
        _entriesSinceCopy = 0;
        _checkpointer?.Wake();
    }

    public void KeepKey(NoteKey key) => Guarded(() =>
    {
        Begin();
        Database.Execute(SqliteLedgerSchema.KeyTable);
        using (var insert = Database.Prepare(
            "INSERT INTO checkpoint_keys (vkey) SELECT ?1 WHERE NOT EXISTS " +
            "(SELECT 1 FROM checkpoint_keys WHERE vkey = ?1)"))
        {
            insert.Bind(1, key.ToString());
            insert.Run();
        }

        CommitUnchanged();
    });

    public void Probe() => Guarded(() =>
    {
        Begin();
        CommitUnchanged();
    });

    public ILedgerView OpenView() => new SqliteLedgerView(_path, _index
        ?? throw new InvalidOperationException("internal error: a view is opened before the head was read"));

    public void Dispose()
    {
        _index?.Dispose();
        _checkpointer?.Dispose();
        Disconnect();
        _lock.Dispose();
    }

    private void Write(LedgerCommit commit)
    {
        Begin();
        _writer.Write(commit);
        _commit.Run();
    }

    /// <summary>
    /// Runs a transaction; where the disk is full, once more after the space is given back that no entry needs. Leaves
    /// no transaction open.
    /// </summary>
    private void Guarded(Action transaction)
    {
        try
        {
            try
            {
                transaction();
            }
            catch (SqliteFailure e) when (e.IsFull)
            {
                Rollback();
                if (!TryMakeRoom()) throw;
                transaction();
            }
        }
        catch (Exception e)
        {
            Rollback();
            _isBroken |= e is not LedgerHeadMovedException and not SqliteFailure { IsBusy: true };
            throw;
        }
    }

    private void Begin()
    {
        KeepWalShort();
        _begin.Run();
    }

    private bool TryMakeRoom()
    {
        try
        {
            using var pause = _checkpointer!.Pause();
            return Database.TryTruncateWal(isPatient: true);
        }
        catch (SqliteFailure)
        {
            // Not even the copy fits on the disk.
            return false;
        }
    }

    private void CommitUnchanged()
    {
        // Writes the first page of the file as it is: a commit like any other, that touches no table.
        Database.Execute($"PRAGMA user_version = {_version}");
        _commit.Run();
    }

    private void Rollback()
    {
        try
        {
            if (_database is { InTransaction: true }) _database.Execute("ROLLBACK");
        }
        catch (SqliteFailure)
        {
            // The fault that brought us here is the one to report; the connection is replaced before the next batch.
        }
    }

    private void KeepWalShort()
    {
        if (_checkpointer is not { } checkpointer) return;
        try
        {
            switch (_bound.Look(Database.PagesWritten))
            {
                case WalNeed.Checkpointer:
                    checkpointer.Wake();
                    break;
                case WalNeed.Writer:
                    using (checkpointer.Pause()) Database.CheckpointWal();
                    break;
                case WalNeed.Truncation:
                    using (checkpointer.Pause()) Database.TryTruncateWal(isPatient: false);
                    break;
            }

            if (checkpointer.TakeWalIsLong()) Database.CheckpointWal();
        }
        catch (Exception e) when (e is SqliteFailure { IsFull: true } or IOException)
        {
            // The WAL may still have room for the entry; if not, the commit says so.
        }
    }

    private void Disconnect()
    {
        _database?.Dispose();
        _database = null;
    }

    private static void CreateFile(string path)
    {
        if (File.Exists(path)) return;
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
    }

    private void Connect()
    {
        var database = SqliteDatabase.OpenForWriting(_path, _busyTimeout);
        try
        {
            database.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA recursive_triggers = ON;");
            database.Execute($"PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -{CacheKibibytes};");
            database.Execute($"PRAGMA journal_size_limit = {_bound.Kept};");
            CreateOrCheckTables(database);
            _begin = database.Prepare("BEGIN IMMEDIATE");
            _commit = database.Prepare("COMMIT");
            if (_tracksAnchor) Log.AnchorStates.CreateTables(database);
            _writer = new SqliteCommitWriter(database, _tracksAnchor);
            _database = database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    private void CreateOrCheckTables(SqliteDatabase database)
    {
        database.Execute("BEGIN IMMEDIATE");
        _version = database.ReadInteger("PRAGMA user_version") ?? 0;
        var isEmpty = database.ReadInteger("SELECT count(*) FROM sqlite_schema") == 0;
        if (_version == 0 && isEmpty)
        {
            _version = SqliteLedgerSchema.Version;
            SqliteLedgerSchema.CreateTables(database, _version);
            SqliteLedgerSchema.CreateTriggers(database, _version);
        }
        else if (_version is not (SqliteLedgerSchema.Version or SqliteLedgerSchema.IndexedVersion))
        {
            throw new LedgerOpenException(
                LedgerOpenFault.ForeignFile, $"\"{_path}\" is a database with schema version " +
                $"{_version}; this Broker writes version {SqliteLedgerSchema.Version}");
        }

        database.Execute("COMMIT");
    }
}

using Broker.Ledger.Merkle;
using Broker.Ledger.Notes;

namespace Broker.Ledger.Storage;

/// <summary>
/// The ledger in one SQLite file: write-ahead log, <c>synchronous=FULL</c>, so a commit returns after the WAL is on
/// disk. Statements are prepared once per connection.
/// </summary>
internal sealed class SqliteLedgerStore : ILedgerStore
{
    // Entries after which their pages are copied out of the write-ahead log (WAL), at the latest; WalBound has them copied
    // earlier where they take many bytes. With many actors each entry changes a page of its own in two indexes, and
    // the same pages again a little later: seldom is cheaper, often keeps the WAL short.
    private const int EntriesPerCopy = 4000;

    // Room for the pages that the newest entries of a few thousand actors lie on. SQLite looks through all of its cache
    // at a commit that has split a page in two, while the file is below 1 GiB: more room would cost more than it gives.
    private const int CacheKibibytes = 16 * 1024;

    private readonly string _path;
    private readonly TimeSpan _busyTimeout;
    private readonly bool _tracksAnchor;
    private SqliteDatabase? _database;
    private SqliteStatement _begin = null!;
    private SqliteStatement _commit = null!;
    private SqliteStatement _insertEntry = null!;
    private SqliteStatement _hasRecord = null!;
    private SqliteStatement _insertTile = null!;
    private SqliteStatement _insertCheckpoint = null!;
    private SqliteStatement _rootAt = null!;
    private SqliteStatement? _insertAnchorState;
    private WalBound _bound = null!;
    private WalCheckpointer? _checkpointer;
    private int _entriesSinceCopy;

    private SqliteLedgerStore(string path, TimeSpan busyTimeout, bool tracksAnchor)
    {
        _tracksAnchor = tracksAnchor;
        _path = path;
        _busyTimeout = busyTimeout;
    }

    /// <summary>
    /// Opens the file, or creates it with mode 0600 and its tables. Where an anchor is tracked, every entry is noted
    /// as pending in the same transaction.
    /// </summary>
    /// <exception cref="LedgerOpenException">The file cannot be a ledger that this Broker writes.</exception>
    public static SqliteLedgerStore Open(string path, TimeSpan busyTimeout, bool tracksAnchor)
    {
        var store = new SqliteLedgerStore(path, busyTimeout, tracksAnchor);
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

    public LedgerHead Load() => SqliteLedgerHead.Load(Database);

    public MerkleHash? RootAt(long size)
    {
        _rootAt.Bind(1, size);
        try
        {
            return _rootAt.Step() ? new MerkleHash(_rootAt.Blob(0)) : null;
        }
        finally
        {
            _rootAt.Reset();
        }
    }

    public void Begin()
    {
        KeepWalShort();
        _begin.Run();
    }

    public bool TryMakeRoom()
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

    public bool TryInsert(LedgerColumns entry, long id, in MerkleHash leaf)
    {
        BindEntry(_insertEntry, entry, id);
        _insertEntry.BindHex(19, leaf);
        try
        {
            _insertEntry.Run();
            if (_insertAnchorState is not null) AnchorStates.Insert(_insertAnchorState, entry, id, leaf);
            _entriesSinceCopy++;
            return true;
        }
        catch (SqliteFailure e) when (e.IsConstraint && IsOnRecord(entry.RecordId))
        {
            return false;
        }
    }

    public void InsertTile(FullTile tile)
    {
        Span<byte> root = stackalloc byte[MerkleHash.Size];
        tile.Nodes.Root.CopyTo(root);
        _insertTile.Bind(1, tile.Level);
        _insertTile.Bind(2, tile.Number);
        _insertTile.BindBlob(3, root);
        _insertTile.BindBlob(4, tile.Nodes.ToBytes());
        _insertTile.Run();
    }

    public void InsertCheckpoint(Checkpoint checkpoint, string note, DateTimeOffset now)
    {
        Span<byte> root = stackalloc byte[MerkleHash.Size];
        checkpoint.Root.CopyTo(root);
        _insertCheckpoint.Bind(1, checkpoint.Size);
        _insertCheckpoint.BindBlob(2, root);
        _insertCheckpoint.Bind(3, note);
        _insertCheckpoint.Bind(4, now.ToUnixTimeSeconds());
        _insertCheckpoint.Run();
    }

    public void Commit()
    {
        _commit.Run();
        if (_entriesSinceCopy < EntriesPerCopy) return;
        _entriesSinceCopy = 0;
        _checkpointer?.Wake();
    }

    public void KeepKey(NoteKey key)
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
    }

    public void Probe()
    {
        Begin();
        CommitUnchanged();
    }

    private void CommitUnchanged()
    {
        // Writes the first page of the file as it is: a commit like any other, that touches no table.
        Database.Execute($"PRAGMA user_version = {SqliteLedgerSchema.Version}");
        _commit.Run();
    }

    public void Rollback()
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

    public void Reconnect()
    {
        Disconnect();
        Connect();
    }

    public void Dispose()
    {
        _checkpointer?.Dispose();
        Disconnect();
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
            _insertEntry = database.Prepare(
                $"INSERT INTO mint_log ({SqliteLedgerSchema.EntryColumns}) " +
                "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
            _hasRecord = database.Prepare("SELECT 1 FROM mint_log WHERE record_id = ?");
            _insertTile = database.Prepare("INSERT INTO tree_tiles (level, tile, root, hashes) VALUES (?,?,?,?)");
            _insertCheckpoint = database.Prepare(
                "INSERT INTO checkpoints (tree_size, root, note, created_at) VALUES (?,?,?,?)");
            _rootAt = database.Prepare("SELECT root FROM checkpoints WHERE tree_size = ?");
            if (_tracksAnchor)
            {
                AnchorStates.CreateTables(database);
                _insertAnchorState = AnchorStates.PrepareInsert(database);
            }

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
        var version = database.ReadInteger("PRAGMA user_version") ?? 0;
        var isEmpty = database.ReadInteger("SELECT count(*) FROM sqlite_schema") == 0;
        if (version == 0 && isEmpty)
        {
            database.Execute(SqliteLedgerSchema.Tables);
            foreach (var trigger in SqliteLedgerSchema.Triggers) database.Execute(trigger.Sql);
            database.Execute($"PRAGMA user_version = {SqliteLedgerSchema.Version}");
        }
        else if (version != SqliteLedgerSchema.Version)
        {
            throw new LedgerOpenException(
                LedgerOpenFault.ForeignFile, $"\"{_path}\" is a database with schema version " +
                $"{version}; this Broker writes version {SqliteLedgerSchema.Version}");
        }

        database.Execute("COMMIT");
    }

    private bool IsOnRecord(string recordId)
    {
        _hasRecord.Bind(1, recordId);
        try
        {
            return _hasRecord.Step();
        }
        finally
        {
            _hasRecord.Reset();
        }
    }

    private static void BindEntry(SqliteStatement statement, LedgerColumns entry, long id)
    {
        statement.Bind(1, id);
        statement.Bind(2, entry.MintedAt);
        statement.Bind(3, entry.RequesterToken);
        statement.Bind(4, entry.RequesterWallet);
        statement.Bind(5, entry.RequestedRole);
        statement.Bind(6, entry.SessionDurationSeconds);
        statement.Bind(7, entry.StsSessionName);
        statement.Bind(8, entry.Outcome);
        statement.Bind(9, entry.OutcomeDetail);
        statement.Bind(10, entry.RecordId);
        statement.Bind(11, entry.Kind);
        statement.Bind(12, entry.ActorOmni);
        statement.Bind(13, entry.Subject);
        statement.Bind(14, entry.RequestId);
        statement.Bind(15, entry.RequestHash);
        statement.Bind(16, entry.AccessKeyId);
        statement.Bind(17, entry.ExpiresAt);
        statement.Bind(18, entry.Evidence);
    }
}

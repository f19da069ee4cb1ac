using SQLitePCL;

namespace Broker.Ledger.Sqlite.Connections;

/// <summary>
/// One SQLite connection, as thin as it can be: the ledger binds UTF-8 and hashes straight from its buffers, which
/// ADO.NET has no way to say. For one thread at a time.
/// </summary>
internal sealed class SqliteDatabase : IDisposable
{
    private readonly sqlite3 _handle;
    private readonly int _busyMilliseconds;
    private readonly List<SqliteStatement> _statements = [];

    private SqliteDatabase(sqlite3 handle, TimeSpan busyTimeout)
    {
        _handle = handle;
        _busyMilliseconds = (int)busyTimeout.TotalMilliseconds;
    }

    /// <summary>True while a transaction is open; SQLite ends it by itself on some faults.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(_handle) == 0;

    /// <summary>Rows that the newest INSERT, UPDATE or DELETE has changed.</summary>
    public int Changes => raw.sqlite3_changes(_handle);

    /// <summary>Pages that this connection has written to the write-ahead log; begins anew after 2³¹.</summary>
    public int PagesWritten
    {
        get
        {
            Check(raw.sqlite3_db_status(_handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var pages, out _, 0));
            return pages;
        }
    }

    /// <summary>Opens or creates the file for reading and writing.</summary>
    public static SqliteDatabase OpenForWriting(string path, TimeSpan busyTimeout)
    {
        var database = Open(path, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE, busyTimeout);
        if (raw.sqlite3_db_readonly(database._handle, "main") == 0) return database;

        // SQLite falls back to reading without a word, and would only say so at the first insert.
        database.Dispose();
        throw new SqliteFailure(raw.SQLITE_READONLY, "the file can only be read");
    }

    /// <summary>Opens an existing file; the connection cannot change a row.</summary>
    public static SqliteDatabase OpenForReading(string path, TimeSpan busyTimeout)
    {
        // SQLite falls back to reading by itself; where it may write, it can build the index of the write-ahead log.
        var database = Open(path, raw.SQLITE_OPEN_READWRITE, busyTimeout);
        database.Execute("PRAGMA query_only = ON");
        return database;
    }

    /// <summary>Runs statements that answer nothing.</summary>
    public void Execute(string sql) => Check(raw.sqlite3_exec(_handle, sql));

    /// <summary>Prepares a statement that lives as long as the connection.</summary>
    public SqliteStatement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var handle));
        var statement = new SqliteStatement(this, handle);
        _statements.Add(statement);
        return statement;
    }

    /// <summary>The first column of the first row, or null when there is no row.</summary>
    public long? ReadInteger(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Integer(0) : null;
    }

    /// <summary>The first column of the first row, or null when there is no row.</summary>
    public string? ReadText(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Text(0) : null;
    }

    /// <summary>
    /// Copies committed pages from the write-ahead log into the database as far as no reader stands in the way.
    /// </summary>
    /// <returns>
    /// Frames in the WAL, and how many of them are copied; the WAL starts anew once the two are equal.
    /// </returns>
    public (int Frames, int Copied) CheckpointWal()
    {
        var code = raw.sqlite3_wal_checkpoint_v2(
            _handle, "main", raw.SQLITE_CHECKPOINT_PASSIVE, out var frames, out var copied);
        if ((code & 0xff) is not (raw.SQLITE_BUSY or raw.SQLITE_LOCKED)) Check(code);
        return (frames, copied);
    }

    /// <summary>
    /// Copies all committed pages from the write-ahead log into the database and truncates it to nothing. With
    /// patience, waits for readers and writers as long as the busy timeout says.
    /// </summary>
    /// <returns>False when a reader or writer stands in the way.</returns>
    public bool TryTruncateWal(bool isPatient)
    {
        raw.sqlite3_busy_timeout(_handle, isPatient ? _busyMilliseconds : 0);
        try
        {
            var code = raw.sqlite3_wal_checkpoint_v2(_handle, "main", raw.SQLITE_CHECKPOINT_TRUNCATE, out _, out _);
            if ((code & 0xff) is raw.SQLITE_BUSY or raw.SQLITE_LOCKED) return false;
            Check(code);
            return true;
        }
        finally
        {
            raw.sqlite3_busy_timeout(_handle, _busyMilliseconds);
        }
    }

    public void Dispose()
    {
        foreach (var statement in _statements.ToArray()) statement.Dispose();
        raw.sqlite3_close_v2(_handle);
    }

    internal void Check(int code)
    {
        if (code is raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE) return;
        throw new SqliteFailure(raw.sqlite3_extended_errcode(_handle), raw.sqlite3_errmsg(_handle).utf8_to_string());
    }

    internal void Forget(SqliteStatement statement) => _statements.Remove(statement);

    private static SqliteDatabase Open(string path, int flags, TimeSpan busyTimeout)
    {
        SqliteLibrary.EnsureLoaded();
        var code = raw.sqlite3_open_v2(path, out var handle, flags | raw.SQLITE_OPEN_NOMUTEX, null);
        var database = new SqliteDatabase(handle, busyTimeout);
        try
        {
            database.Check(code);
            raw.sqlite3_busy_timeout(handle, database._busyMilliseconds);
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }
}

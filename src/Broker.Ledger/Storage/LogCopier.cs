namespace Broker.Ledger.Storage;

/// <summary>
/// Copies committed pages from the write-ahead log into the database on a thread and a connection of its own, so that
/// no commit has to wait for it. SQLite's own way is to let every few commits do it, which shows as a slow answer.
/// </summary>
internal sealed class LogCopier : IDisposable
{
    // Frames that a pass copies in a millisecond or so, and passes after which it is enough: a disk that is written
    // faster than it can be copied to is never done.
    private const int ShortPass = 256;
    private const int MostPasses = 5;

    // A frame is a page of 4 KiB and its header of 24 bytes.
    private const int FrameSize = 4096 + 24;

    private readonly string _path;
    private readonly long _longLog;
    private readonly Lock _copying = new();
    private readonly TimeSpan _busyTimeout;
    private readonly AutoResetEvent _wanted = new(false);
    private readonly Thread _thread;
    private volatile bool _stopping;
    private volatile bool _logIsLong;

    /// <param name="path">The database.</param>
    /// <param name="busyTimeout">How long its connection waits for a lock.</param>
    /// <param name="longLog">
    /// Bytes after which the writer itself helps the log to start anew. A log that starts anew is written in place,
    /// which takes the disk half as long as making the file longer.
    /// </param>
    public LogCopier(string path, TimeSpan busyTimeout, long longLog)
    {
        _longLog = longLog;
        _path = path;
        _busyTimeout = busyTimeout;
        _thread = new Thread(Run)
        {
            IsBackground = true,
            Name = "ledger log copier",
            Priority = ThreadPriority.BelowNormal,
        };
        _thread.Start();
    }

    /// <summary>
    /// True once after the log has grown long under steady load: only between two commits can all of it be copied,
    /// which is what lets it start anew.
    /// </summary>
    public bool TakeLogIsLong()
    {
        if (!_logIsLong) return false;
        _logIsLong = false;
        return true;
    }

    /// <summary>There is something to copy. Returns at once.</summary>
    public void Wake() => _wanted.Set();

    /// <summary>
    /// Waits for the end of a pass that runs, and keeps the next one away until the answer is disposed of: only one
    /// connection at a time can copy.
    /// </summary>
    public Lock.Scope Pause() => _copying.EnterScope();

    public void Dispose()
    {
        _stopping = true;
        _wanted.Set();
        _thread.Join();
        _wanted.Dispose();
    }

    /// <summary>
    /// Copies until little is left: what was written during one pass is the next one's, and what is left after the
    /// last one is what a commit waits for when the log is to start anew.
    /// </summary>
    /// <returns>Frames in the log.</returns>
    private static int Copy(SqliteDatabase database)
    {
        var (frames, copied) = database.CheckpointLog();
        for (var pass = 1; pass < MostPasses; pass++)
        {
            var before = copied;
            (frames, copied) = database.CheckpointLog();
            if (copied - before <= ShortPass) break;
        }

        return frames;
    }

    private SqliteDatabase Connect()
    {
        var database = SqliteDatabase.OpenForWriting(_path, _busyTimeout);

        // A connection that has read nothing does not know of the log yet, and would copy nothing without a word.
        _ = database.ReadInteger("PRAGMA schema_version");
        return database;
    }

    private void Run()
    {
        SqliteDatabase? database = null;
        while (true)
        {
            _wanted.WaitOne();
            if (_stopping) break;

            // It is the writer's turn now, which cannot copy while we do.
            if (_logIsLong) continue;
            try
            {
                database ??= Connect();
                lock (_copying) _logIsLong = (long)Copy(database) * FrameSize > _longLog;
            }
            catch (SqliteFailure)
            {
                // What is committed is safe in the log; a disk that is full or gone shows at the next commit.
                database?.Dispose();
                database = null;
            }
        }

        database?.Dispose();
    }
}

using Broker.Ledger.Sqlite.Connections;

namespace Broker.Ledger.Sqlite.Log;

/// <summary>
/// Copies committed pages from the write-ahead log (WAL) into the database, on a thread and a connection of its own, so
/// that no commit waits for it. SQLite's own way lets every few commits do it, which shows as a slow answer.
/// </summary>
internal sealed class WalCheckpointer : IDisposable
{
    // Frames that a pass copies in a millisecond or so, and passes after which it is enough: a disk that is written
    // faster than it can be copied to is never done.
    private const int ShortPass = 256;
    private const int MostPasses = 5;

    // A frame is a page of 4 KiB and its header of 24 bytes.
    private const int FrameSize = 4096 + 24;

    private readonly string _path;
    private readonly long _longWal;
    private readonly Lock _copying = new();
    private readonly TimeSpan _busyTimeout;
    private readonly AutoResetEvent _wanted = new(false);
    private readonly Thread _thread;
    private volatile bool _stopping;
    private volatile bool _walIsLong;

    /// <param name="path">The database.</param>
    /// <param name="busyTimeout">How long its connection waits for a lock.</param>
    /// <param name="longWal">
    /// Bytes after which the writer itself helps the WAL to start anew. It is then written in place, which takes the
    /// disk half as long as making the file longer.
    /// </param>
    public WalCheckpointer(string path, TimeSpan busyTimeout, long longWal)
    {
        _longWal = longWal;
        _path = path;
        _busyTimeout = busyTimeout;
        _thread = new Thread(Run)
        {
            IsBackground = true,
            Name = "ledger WAL checkpointer",
            Priority = ThreadPriority.BelowNormal,
        };
        _thread.Start();
    }

    /// <summary>
    /// True once after the WAL has grown long under steady load: only between two commits can all of it be copied,
    /// which is what lets it start anew.
    /// </summary>
    public bool TakeWalIsLong()
    {
        if (!_walIsLong) return false;
        _walIsLong = false;
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
    /// last one is what a commit waits for when the WAL is to start anew.
    /// </summary>
    /// <returns>Frames in the WAL.</returns>
    private static int Copy(SqliteDatabase database)
    {
        var (frames, copied) = database.CheckpointWal();
        for (var pass = 1; pass < MostPasses; pass++)
        {
            var before = copied;
            (frames, copied) = database.CheckpointWal();
            if (copied - before <= ShortPass) break;
        }

        return frames;
    }

    private SqliteDatabase Connect()
    {
        var database = SqliteDatabase.OpenForWriting(_path, _busyTimeout);

        // A connection that has read nothing does not know of the WAL yet, and would copy nothing without a word.
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
            if (_walIsLong) continue;
            try
            {
                database ??= Connect();
                lock (_copying) _walIsLong = (long)Copy(database) * FrameSize > _longWal;
            }
            catch (SqliteFailure)
            {
                // What is committed is safe in the WAL; a disk that is full or gone shows at the next commit.
                database?.Dispose();
                database = null;
            }
        }

        database?.Dispose();
    }
}

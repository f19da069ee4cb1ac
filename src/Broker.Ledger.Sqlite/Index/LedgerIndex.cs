using Broker.Ledger.Sqlite.Connections;
using Broker.Ledger.Storage;

namespace Broker.Ledger.Sqlite.Index;

/// <summary>
/// Keeps the index of a ledger that this process writes, on a thread of its own which nobody waits for: it follows the
/// log in runs, and makes the index anew when it is missing, damaged or of another ledger.
/// </summary>
internal sealed class LedgerIndex : IIndexAccess, IDisposable
{
    // What is left of a disk is for the log: a run takes a few MiB, twice while it is written.
    private const long LeastFree = 16 << 20;

    private static readonly TimeSpan WaitAfterFault = TimeSpan.FromSeconds(1);

    // A log with gaps, or a folder that refuses, is not mended in a second.
    private static readonly TimeSpan WaitForOperator = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(2);

    private readonly string _ledgerPath;
    private readonly DriveInfo _disk;
    private readonly IndexTail _tail;
    private readonly AutoResetEvent _wanted = new(false);
    private readonly ManualResetEventSlim _settled = new(false);
    private readonly Thread _thread;
    private readonly IndexPace _pace;
    private readonly IndexRow[] _rows;
    private string? _firstLeaf;
    private long _wakeAt = long.MaxValue;
    private long _covered;
    private int _made;
    private volatile int _usable;
    private volatile string? _fault;
    private volatile bool _stopping;

    /// <param name="ledgerPath">The ledger's file.</param>
    /// <param name="size">How many rows it has.</param>
    /// <param name="pace">How closely to follow it.</param>
    public LedgerIndex(string ledgerPath, long size, IndexPace pace)
    {
        _ledgerPath = ledgerPath;
        _pace = pace;
        _rows = new IndexRow[pace.RowsOfRun];
        Path = IndexPath.Of(ledgerPath);
        _disk = new DriveInfo(System.IO.Path.GetDirectoryName(Path)!);
        _tail = new IndexTail(size);
        _thread = new Thread(Run) { IsBackground = true, Name = "ledger index" };
        _thread.Start();
    }

    public string Path { get; }

    public IndexTail Tail => _tail;

    public StoreStatus Status => new(_tail.Head - Volatile.Read(ref _covered), _fault);

    /// <summary>The rows of a commit are on disk. For the thread that commits.</summary>
    public void Committed(LedgerCommit commit)
    {
        var id = commit.ExpectedSize;
        foreach (var row in commit.Rows) _tail.Add(IndexRow.Of(++id, row.Entry));
        _tail.Publish(id);

        // Either this sees where the index wants to be woken, or the index sees these rows before it waits.
        Interlocked.MemoryBarrier();
        if (id < Volatile.Read(ref _wakeAt)) return;
        Volatile.Write(ref _wakeAt, long.MaxValue);
        _wanted.Set();
    }

    /// <summary>The ledger was loaded, with this many rows. For the thread that commits.</summary>
    public void Loaded(long size)
    {
        // A commit that was reported as failed, or somebody else's, put rows into the log that were not announced here.
        if (size != _tail.Head) _tail.Restart(size);
    }

    public int? Generation()
    {
        _settled.Wait();
        return _usable is > 0 and var generation ? generation : null;
    }

    public void Distrust(int generation)
    {
        if (Interlocked.CompareExchange(ref _usable, 0, generation) == generation) _wanted.Set();
    }

    public void Dispose()
    {
        _stopping = true;
        _wanted.Set();
        _thread.Join();
        _wanted.Dispose();
        _settled.Dispose();
    }

    private void Run()
    {
        BackgroundThread.LowerPriority();
        while (!_stopping)
        {
            try
            {
                using var log = SqliteDatabase.OpenForReading(_ledgerPath, BusyTimeout);
                using var index = IndexFile.Open(Path, log);
                Volatile.Write(ref _covered, index.Covered);
                _usable = ++_made;
                _settled.Set();
                Follow(index, log);
            }
            catch (Exception e)
            {
                // Whatever it was, the log alone answers until the index can be written again, and the thread lives:
                // look-ups wait for its first word.
                _usable = 0;
                _fault = e.Message;
                Volatile.Write(ref _covered, 0);
                _settled.Set();

                if (e is SqliteFailure failure && SaysDamage(failure)) TryDelete();
                if (!_stopping) _wanted.WaitOne(e is SqliteFailure ? WaitAfterFault : WaitForOperator);
            }
        }
    }

    // A rule that is broken says as much as a page that cannot be read, for every row comes once; and so does a file
    // that was made to be written and forbids it.
    private static bool SaysDamage(SqliteFailure failure) =>
        failure.Fault == StoreFault.Damaged || failure.IsConstraint || failure.IsReadOnly;

    private void Follow(IndexFile index, SqliteDatabase log)
    {
        using var rows = log.Prepare(IndexRow.Select);
        var lastRun = Environment.TickCount64;
        var lastHead = _tail.Head;
        var isQuiet = true;
        while (_usable > 0)
        {
            Interlocked.Exchange(ref _wakeAt, index.Covered + _pace.RowsOfRun);
            var head = _tail.Head;
            var behind = head - index.Covered;
            var isDue = behind >= _pace.RowsOfRun || _stopping || (isQuiet && head == lastHead)
                || Environment.TickCount64 - lastRun >= _pace.LongestWait.TotalMilliseconds;
            if (_stopping && behind > _pace.RowsOfRun) return;
            if (behind > 0 && isDue && HasRoom())
            {
                AddRun(index, log, rows, (int)Math.Min(behind, _pace.RowsOfRun));
                Volatile.Write(ref _covered, index.Covered);
                _fault = null;
                lastRun = Environment.TickCount64;
                continue;
            }

            if (_stopping) return;
            lastHead = head;
            isQuiet = !_wanted.WaitOne(_pace.Tick);
        }

        // A look-up has found it wrong.
        TryDelete();
    }

    // Where there is no room the index stays as it is, and answers as far as it goes.
    private bool HasRoom()
    {
        if (_disk.AvailableFreeSpace >= LeastFree) return true;
        _fault = "the disk is nearly full";
        return false;
    }

    private void AddRun(IndexFile index, SqliteDatabase log, SqliteStatement rows, int count)
    {
        var run = _rows.AsSpan(0, count);
        var last = index.Covered + count;
        if (!_tail.TryCopy(index.Covered, run)) ReadRows(rows, index.Covered, run);
        _firstLeaf ??= LeafAt(log, 1);
        index.Add(run, _firstLeaf, LeafAt(log, last));
    }

    private static void ReadRows(SqliteStatement rows, long after, Span<IndexRow> run)
    {
        rows.Bind(1, after);
        rows.Bind(2, after + run.Length);
        try
        {
            foreach (ref var row in run)
            {
                row = rows.Step()
                    ? IndexRow.Read(rows)
                    : throw new IOException("the log has gaps: `brokerctl ledger verify` says more");
            }
        }
        finally
        {
            rows.Reset();
        }
    }

    private static string LeafAt(SqliteDatabase log, long id) =>
        log.ReadText($"SELECT leaf_hash FROM mint_log WHERE id = {id}")
            ?? throw new IOException($"row {id} is missing: `brokerctl ledger verify` says more");

    private void TryDelete()
    {
        try
        {
            IndexPath.Delete(Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _fault = e.Message;
        }
    }
}

using Broker.Ledger.Sqlite.Connections;
using Broker.Ledger.Storage;

namespace Broker.Ledger.Sqlite.Index;

/// <summary>
/// Keeps the index of a ledger that this process writes, on a thread of its own which nobody waits for: it follows the
/// log in runs, and makes the index anew when it is missing, damaged or of another ledger.
/// </summary>
internal sealed class LedgerIndex : IIndexAccess, IDisposable
{
    // Rows of a run: enough that a page takes many of them, and few enough that look-ups pass over them in no time.
    private const int RowsOfRun = 1 << 16;

    // What is left of a disk is for the log: a run takes a few MiB, twice while it is written.
    private const long LeastFree = 16 << 20;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    // After so long a run is made of what there is.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    // A log with gaps, or a folder that refuses, is not mended in a second.
    private static readonly TimeSpan WaitForOperator = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(2);

    private readonly string _ledgerPath;
    private readonly DriveInfo _disk;
    private readonly IndexTail _tail;
    private readonly AutoResetEvent _wanted = new(false);
    private readonly ManualResetEventSlim _settled = new(false);
    private readonly Thread _thread;
    private readonly IndexRow[] _rows = new IndexRow[RowsOfRun];
    private string? _firstLeaf;
    private long _wakeAt;
    private long _covered;
    private int _made;
    private volatile int _usable;
    private volatile string? _fault;
    private volatile bool _stopping;

    /// <param name="ledgerPath">The ledger's file.</param>
    /// <param name="size">How many rows it has.</param>
    public LedgerIndex(string ledgerPath, long size)
    {
        _ledgerPath = ledgerPath;
        Path = IndexPath.Of(ledgerPath);
        _disk = new DriveInfo(System.IO.Path.GetDirectoryName(Path)!);
        _tail = new IndexTail(size);
        _wakeAt = size + RowsOfRun;
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
        if (id < _wakeAt) return;
        _wakeAt = id + RowsOfRun;
        _wanted.Set();
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
            catch (Exception e) when (e is SqliteFailure or IOException or UnauthorizedAccessException)
            {
                // The log alone answers until the index can be written again.
                _usable = 0;
                _fault = e.Message;
                _settled.Set();
                if (e is SqliteFailure { Fault: StoreFault.Damaged }) TryDelete();
                else if (!_stopping) _wanted.WaitOne(e is SqliteFailure ? Tick : WaitForOperator);
            }
        }
    }

    private void Follow(IndexFile index, SqliteDatabase log)
    {
        using var rows = log.Prepare(IndexRow.Select);
        var lastRun = Environment.TickCount64;
        var lastHead = _tail.Head;
        while (_usable > 0)
        {
            var head = _tail.Head;
            var behind = head - index.Covered;
            var isDue = behind >= RowsOfRun || _stopping || head == lastHead
                || Environment.TickCount64 - lastRun >= LongestWait.TotalMilliseconds;
            if (_stopping && behind > RowsOfRun) return;
            if (behind > 0 && isDue)
            {
                AddRun(index, log, rows, (int)Math.Min(behind, RowsOfRun));
                Volatile.Write(ref _covered, index.Covered);
                _fault = null;
                lastRun = Environment.TickCount64;
                continue;
            }

            if (_stopping) return;
            lastHead = head;
            _wanted.WaitOne(Tick);
        }

        // A look-up has found it wrong.
        TryDelete();
    }

    private void AddRun(IndexFile index, SqliteDatabase log, SqliteStatement rows, int count)
    {
        if (_disk.AvailableFreeSpace < LeastFree) throw new IOException("the disk is nearly full");
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

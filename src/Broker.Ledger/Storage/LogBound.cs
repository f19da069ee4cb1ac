namespace Broker.Ledger.Storage;

/// <summary>What the write-ahead log needs before the next transaction.</summary>
internal enum LogNeed
{
    Nothing,

    /// <summary>The copier is to copy it.</summary>
    Copier,

    /// <summary>The copier has not kept up, or did not run: the writer copies it before it writes more.</summary>
    Writer,

    /// <summary>The disk is nearly full: the writer copies the log and gives its space back.</summary>
    Cut,
}

/// <summary>
/// Keeps the write-ahead log within bytes. It grows to <see cref="Usual"/> and is copied; past twice that, nothing is
/// written before it is copied. Only another connection that reads all the time can make it longer; once that one
/// has ended the log is cut to <see cref="Kept"/>. On a small disk the bounds are a part of what is free, so that data
/// and not the log fills the disk.
/// </summary>
/// <remarks>
/// Copying needs space too, for pages that are new to the database. So there must always be as much free space as
/// the log is long; where there is less, the log is cut after every commit.
/// </remarks>
internal sealed class LogBound
{
    private const long LongestUsual = 24 << 20;
    private const long ShortestUsual = 256 << 10;
    private const long LeastFree = 128 << 10;
    private const int ShareOfFreeSpace = 16;
    private const int PageSize = 4096;

    private readonly string _log;
    private readonly DriveInfo _disk;
    private long _lengthBefore;
    private int _pagesBefore;
    private int _pagesCopied;
    private bool _diskIsTight;

    public LogBound(string databasePath)
    {
        // SQLite names the log after the file itself, not after a symbolic link to it.
        var file = LedgerPath.Resolve(databasePath);
        _log = file + "-wal";
        _disk = new DriveInfo(Path.GetDirectoryName(file)!);
        Usual = Math.Clamp(_disk.AvailableFreeSpace / ShareOfFreeSpace, ShortestUsual, LongestUsual);
    }

    /// <summary>Bytes after which the log is copied.</summary>
    public long Usual { get; }

    /// <summary>Bytes that the log's file keeps when it starts anew: room to be written in place.</summary>
    public long Kept => Usual + Usual / 3;

    /// <summary>Bytes of the log's file at this moment.</summary>
    public long Length => new FileInfo(_log) is { Exists: true } file ? file.Length : 0;

    /// <summary>
    /// True when there is no space to speak of: the log may still take a few entries in place, but a start must not
    /// hide what stops the ledger a moment later.
    /// </summary>
    public bool IsDiskFull => _disk.AvailableFreeSpace < LeastFree;

    /// <summary>Looks at the log before a transaction. For the writer's thread.</summary>
    /// <param name="pagesWritten">Pages that the writer's connection has written to the log so far.</param>
    public LogNeed Look(int pagesWritten)
    {
        // A connection that was opened again counts from the beginning.
        if (pagesWritten < _pagesBefore) _pagesBefore = _pagesCopied = 0;
        var length = Length;
        var written = (long)(pagesWritten - _pagesBefore) * PageSize;
        if (_diskIsTight || length > _lengthBefore || written > Usual / 4)
        {
            _diskIsTight = _disk.AvailableFreeSpace < Math.Max(length, Usual);
            _pagesBefore = pagesWritten;
        }

        _lengthBefore = length;
        if (_diskIsTight && length > 0) return LogNeed.Cut;
        if (length > 2 * Usual) return LogNeed.Writer;
        if ((long)(pagesWritten - _pagesCopied) * PageSize < Usual) return LogNeed.Nothing;
        _pagesCopied = pagesWritten;
        return LogNeed.Copier;
    }
}

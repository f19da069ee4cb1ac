using Broker.Ledger.Sqlite.Files;

namespace Broker.Ledger.Sqlite.Log;

/// <summary>What SQLite's write-ahead log (WAL) needs before the next transaction.</summary>
internal enum WalNeed
{
    Nothing,

    /// <summary>The checkpointer copies its pages into the database.</summary>
    Checkpointer,

    /// <summary>The checkpointer has not kept up, or did not run: the writer copies them before it writes more.</summary>
    Writer,

    /// <summary>The disk is nearly full: the writer copies the pages and gives the file's space back.</summary>
    Truncation,
}

/// <summary>
/// Keeps the WAL within bytes. It grows to <see cref="Usual"/>, then its pages are copied into the database. Past twice
/// that, nothing is written before they are copied. Only another connection that reads all the time makes it longer;
/// once that one has ended, the file is truncated to <see cref="Kept"/>. On a small disk the bounds are a part of what
/// is free, so that data fills the disk and the WAL does not.
/// </summary>
/// <remarks>
/// Copying needs space too, for pages that are new to the database. So there must always be as much free space as
/// the WAL is long; where there is less, it is truncated after every commit.
/// </remarks>
internal sealed class WalBound
{
    private const long LongestUsual = 24 << 20;
    private const long ShortestUsual = 256 << 10;
    private const long LeastFree = 128 << 10;
    private const int ShareOfFreeSpace = 16;
    private const int PageSize = 4096;

    // Pages after which the file is looked at again: a part of the least that it may grow to.
    private const int PagesPerLook = 16;

    private readonly string _wal;
    private readonly DriveInfo _disk;
    private long _lengthBefore;
    private int _pagesBefore;
    private int _pagesCopied;
    private int _pagesLooked;
    private bool _diskIsTight;

    public WalBound(string databasePath)
    {
        // SQLite names the WAL after the file itself, not after a symbolic link to it.
        var file = LedgerPath.Resolve(databasePath);
        _wal = file + "-wal";
        _disk = new DriveInfo(Path.GetDirectoryName(file)!);
        Usual = Math.Clamp(_disk.AvailableFreeSpace / ShareOfFreeSpace, ShortestUsual, LongestUsual);
    }

    /// <summary>Bytes after which its pages are copied.</summary>
    public long Usual { get; }

    /// <summary>Bytes that the file keeps when it starts anew: room to be written in place.</summary>
    public long Kept => Usual + Usual / 3;

    /// <summary>Bytes of the file at this moment.</summary>
    public long Length => new FileInfo(_wal) is { Exists: true } file ? file.Length : 0;

    /// <summary>
    /// True when there is no space to speak of: the WAL may still take a few entries in place, but a start must not
    /// hide what stops the ledger a moment later.
    /// </summary>
    public bool IsDiskFull => _disk.AvailableFreeSpace < LeastFree;

    /// <summary>Looks at the WAL before a transaction. For the writer's thread.</summary>
    /// <param name="pagesWritten">Pages that the writer's connection has written to the WAL so far.</param>
    public WalNeed Look(int pagesWritten)
    {
        // A connection that was opened again counts from the beginning.
        if (pagesWritten < _pagesBefore) _pagesBefore = _pagesCopied = _pagesLooked = 0;
        if (!_diskIsTight && pagesWritten - _pagesLooked < PagesPerLook) return WalNeed.Nothing;
        _pagesLooked = pagesWritten;
        var length = Length;
        var written = (long)(pagesWritten - _pagesBefore) * PageSize;
        if (_diskIsTight || length > _lengthBefore || written > Usual / 4)
        {
            _diskIsTight = _disk.AvailableFreeSpace < Math.Max(length, Usual);
            _pagesBefore = pagesWritten;
        }

        _lengthBefore = length;
        if (_diskIsTight && length > 0) return WalNeed.Truncation;
        if (length > 2 * Usual) return WalNeed.Writer;
        if ((long)(pagesWritten - _pagesCopied) * PageSize < Usual) return WalNeed.Nothing;
        _pagesCopied = pagesWritten;
        return WalNeed.Checkpointer;
    }
}

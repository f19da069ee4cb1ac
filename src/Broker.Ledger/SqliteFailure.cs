using SQLitePCL;

namespace Broker.Ledger;

/// <summary>SQLite refused: its extended result code and its own words.</summary>
internal sealed class SqliteFailure(int extendedCode, string message) : Exception($"{message} (SQLite {extendedCode})")
{
    /// <summary>The extended result code; its low byte is the primary one.</summary>
    public int ExtendedCode { get; } = extendedCode;

    /// <summary>Another connection holds the lock.</summary>
    public bool IsBusy => Primary is raw.SQLITE_BUSY or raw.SQLITE_LOCKED;

    /// <summary>A rule of the schema, or one of its triggers, refused the statement; the transaction goes on.</summary>
    public bool IsConstraint => Primary == raw.SQLITE_CONSTRAINT;

    /// <summary>The file is not a database, or a damaged one.</summary>
    public bool IsDamage => Primary is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB;

    /// <summary>
    /// The disk is full. The transaction is not on disk: its last frame, which makes it one, did not fit.
    /// </summary>
    public bool IsFull => Primary == raw.SQLITE_FULL || ExtendedCode == raw.SQLITE_IOERR_SHMSIZE;

    private int Primary => ExtendedCode & 0xff;
}

using SQLitePCL;

namespace Broker.Ledger.Sqlite.Connections;

/// <summary>SQLite refused: its extended result code and its own words.</summary>
internal sealed class SqliteFailure(int extendedCode, string message)
    : LedgerStoreException(FaultOf(extendedCode), $"{message} (SQLite {extendedCode})")
{
    /// <summary>The extended result code; its low byte is the primary one.</summary>
    public int ExtendedCode { get; } = extendedCode;

    /// <summary>Another connection holds the lock.</summary>
    public bool IsBusy => Fault == StoreFault.Busy;

    /// <summary>A rule of the schema, or one of its triggers, refused the statement; the transaction goes on.</summary>
    public bool IsConstraint => (ExtendedCode & 0xff) == raw.SQLITE_CONSTRAINT;

    /// <summary>The file cannot be written, or says of itself that it must not be.</summary>
    public bool IsReadOnly => (ExtendedCode & 0xff) == raw.SQLITE_READONLY;

    /// <summary>
    /// The disk is full. The transaction is not on disk: its last frame, which makes it one, did not fit.
    /// </summary>
    public bool IsFull => Fault == StoreFault.Full;

    private static StoreFault FaultOf(int code) => (code & 0xff) switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => StoreFault.Busy,
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => StoreFault.Damaged,
        raw.SQLITE_FULL => StoreFault.Full,
        _ when code == raw.SQLITE_IOERR_SHMSIZE => StoreFault.Full,
        _ => StoreFault.Other,
    };
}

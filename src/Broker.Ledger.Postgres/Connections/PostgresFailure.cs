using Npgsql;

namespace Broker.Ledger.Postgres.Connections;

/// <summary>PostgreSQL refused, or cannot be reached: its error code and its own words.</summary>
internal sealed class PostgresFailure : LedgerStoreException
{
    private PostgresFailure(StoreFault fault, string? code, string message, Exception cause)
        : base(fault, message, cause) => Code = code;

    /// <summary>The SQLSTATE; null where the server did not answer.</summary>
    public string? Code { get; }

    /// <summary>True for the faults that a database can have; all others are bugs.</summary>
    public static bool Is(Exception fault) =>
        fault is NpgsqlException or TimeoutException or IOException or FormatException;

    /// <summary>
    /// The fault in the ledger's words. The server's message goes with it; its details, which repeat values, do not.
    /// </summary>
    public static PostgresFailure Of(Exception fault) => fault is PostgresException said
        ? new PostgresFailure(FaultOf(said.SqlState), said.SqlState,
            $"{said.MessageText} (PostgreSQL {said.SqlState})", said)
        : new PostgresFailure(StoreFault.Other, null, WordsOf(fault), fault);

    private static string WordsOf(Exception fault) => fault switch
    {
        FormatException file => $"the password's file {file.Message}",
        { InnerException: { } inner } => $"{fault.Message}: {inner.Message}",
        _ => fault.Message,
    };

    // Only what surely undid the transaction, and left the connection usable, is Busy.
    private static StoreFault FaultOf(string code) => code switch
    {
        PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected
            or PostgresErrorCodes.SerializationFailure => StoreFault.Busy,
        PostgresErrorCodes.DiskFull => StoreFault.Full,
        PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted => StoreFault.Damaged,
        _ => StoreFault.Other,
    };
}


namespace Broker.Ledger;

/// <summary>Why a ledger could not be opened.</summary>
public enum LedgerOpenFault
{
    /// <summary>Another process writes this ledger.</summary>
    InUse,

    /// <summary>The file or its folder cannot be written, or cannot be reached.</summary>
    NotWritable,

    /// <summary>The file is a database, but not a ledger that this version writes.</summary>
    ForeignFile,

    /// <summary>Rows, tree and checkpoints do not fit together, or the file is not a database.</summary>
    Damaged,

    /// <summary>The ledger's newest checkpoint is signed by another key, or bears another origin.</summary>
    OtherKey,
}

/// <summary>The ledger cannot be opened, so the process must not start to hand credentials out.</summary>
public sealed class LedgerOpenException(LedgerOpenFault fault, string message, Exception? cause = null)
    : Exception(message, cause)
{
    // ENOSPC, which the framework hands on as it is.
    private const int NoSpaceLeft = 28;

    public LedgerOpenFault Fault { get; } = fault;

    /// <summary>The fault as a stable word in snake case.</summary>
    public string Code => Fault switch
    {
        LedgerOpenFault.InUse => "ledger_in_use",
        LedgerOpenFault.NotWritable => "ledger_not_writable",
        LedgerOpenFault.ForeignFile => "ledger_foreign_file",
        LedgerOpenFault.OtherKey => "ledger_other_key",
        _ => "ledger_damaged",
    };

    /// <summary>True when the operating system or the database had no space left on the disk.</summary>
    public static bool IsFullDisk(Exception cause) => cause switch
    {
        LedgerStoreException failure => failure.Fault == StoreFault.Full,
        IOException io => (io.HResult & 0xffff) == NoSpaceLeft,
        _ => false,
    };

    /// <summary>The fault of opening the ledger at this path, in the words of its cause.</summary>
    public static LedgerOpenException For(string path, Exception cause) => cause switch
    {
        LedgerStoreException { Fault: StoreFault.Damaged } =>
            new(LedgerOpenFault.Damaged, $"\"{path}\" is not a ledger: {cause.Message}", cause),
        _ when IsFullDisk(cause) => new(LedgerOpenFault.NotWritable,
            $"\"{path}\" cannot be written, the disk is full: {cause.Message}", cause),
        _ => new(LedgerOpenFault.NotWritable, $"\"{path}\" cannot be written: {cause.Message}", cause),
    };
}

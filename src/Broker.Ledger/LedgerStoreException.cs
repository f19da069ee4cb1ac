namespace Broker.Ledger;

/// <summary>What is wrong with a store, as far as a ledger has to know.</summary>
public enum StoreFault
{
    Other,

    /// <summary>Somebody else holds a lock; nothing was written, and the connection is sound.</summary>
    Busy,

    /// <summary>There is no space left.</summary>
    Full,

    /// <summary>What is stored cannot be read as what it should be.</summary>
    Damaged,
}

/// <summary>The store refused, or cannot be reached; the message is its own.</summary>
public class LedgerStoreException(StoreFault fault, string message, Exception? cause = null) : Exception(message, cause)
{
    public StoreFault Fault { get; } = fault;
}

/// <summary>The ledger does not stand where the writer believes: somebody else has written it.</summary>
public sealed class LedgerHeadMovedException(long expectedSize, long size)
    : LedgerStoreException(StoreFault.Other,
        $"the ledger stands at entry {size}, not where it was left, at entry {expectedSize}: another has written it");

namespace Broker.Ledger;

/// <summary>Why the ledger did not take an entry.</summary>
public enum LedgerFault
{
    /// <summary>The write failed; nothing of the entry is in the file.</summary>
    WriteFailed,

    /// <summary>The queue is full; try again after <see cref="LedgerUnavailableException.RetryAfter"/>.</summary>
    Busy,

    /// <summary>
    /// The disk did not answer in time. The entry may still reach it; the credential has not left and will not.
    /// </summary>
    TimedOut,

    /// <summary>
    /// The entry is on disk, but the second anchor, which the policy asks for, has not confirmed it.
    /// </summary>
    NotAnchored,

    /// <summary>The ledger is shutting down.</summary>
    Stopped,
}

/// <summary>The entry is not known to be on disk, so nothing that depends on it may leave.</summary>
public sealed class LedgerUnavailableException(LedgerFault fault, string message, Exception? cause = null)
    : Exception(message, cause)
{
    public LedgerFault Fault { get; } = fault;

    /// <summary>When it is worth trying again.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);
}

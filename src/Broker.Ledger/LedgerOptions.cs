namespace Broker.Ledger;

/// <summary>How a ledger is written.</summary>
public record LedgerOptions
{
    /// <summary>The log's name in checkpoints: the issuer's host and <c>/ledger</c>, without scheme.</summary>
    public required string Origin { get; init; }

    /// <summary>The kinds of entry that may be written.</summary>
    public required EntryKinds Kinds { get; init; }

    /// <summary>
    /// Entries that may wait for the writer; one more is refused with <see cref="LedgerFault.Busy"/>.
    /// </summary>
    public int QueueCapacity { get; init; } = 4096;

    /// <summary>Entries that one commit takes along at most.</summary>
    public int MaxBatch { get; init; } = 1024;

    /// <summary>No request waits longer for its entry to be durable.</summary>
    public TimeSpan CommitTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Takes up a ledger whose newest checkpoint another key signed: a change of keys that was meant.
    /// </summary>
    public bool AcceptOtherKey { get; init; }
}

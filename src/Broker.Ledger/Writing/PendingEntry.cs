namespace Broker.Ledger.Writing;

/// <summary>An entry on its way to disk, and the promise to whoever waits for it.</summary>
internal sealed class PendingEntry(LedgerEntry entry)
    : TaskCompletionSource<LedgerReceipt>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    private const int Waiting = 0;
    private const int Taken = 1;
    private const int Abandoned = 2;

    private int _state = Waiting;

    public LedgerEntry Entry { get; } = entry;

    /// <summary>Index of its leaf, once the writer has given it one.</summary>
    public long Index { get; set; }

    /// <summary>
    /// The writer takes the entry into a batch. False when nobody waits for it any more: it is left out.
    /// </summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, Taken, Waiting) == Waiting;

    /// <summary>The caller stops waiting. True when the entry will not be written, false when it may be.</summary>
    public bool TryAbandon() => Interlocked.CompareExchange(ref _state, Abandoned, Waiting) == Waiting;
}

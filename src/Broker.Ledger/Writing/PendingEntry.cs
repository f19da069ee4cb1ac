namespace Broker.Ledger.Writing;

/// <summary>
/// An entry on its way to disk, and the promise to whoever waits for it. The writer settles it; telling the one who
/// waits, who then goes on at once, is for <see cref="OutcomeDelivery"/> and never for the writer's thread.
/// </summary>
internal sealed class PendingEntry(EncodedEntry entry, long since)
{
    private const int Waiting = 0;
    private const int Taken = 1;
    private const int Abandoned = 2;

    private readonly TaskCompletionSource<LedgerReceipt> _promise = new();
    private int _state = Waiting;
    private LedgerReceipt? _receipt;
    private LedgerUnavailableException? _fault;

    public EncodedEntry Entry { get; } = entry;

    /// <summary>When it was put in, as a time provider's timestamp.</summary>
    public long Since { get; } = since;

    /// <summary>Index of its leaf, once the writer has given it one.</summary>
    public long Index { get; set; }

    /// <summary>
    /// Ends with the receipt, or with the <see cref="LedgerUnavailableException"/> that says why there is none.
    /// </summary>
    public Task<LedgerReceipt> Task => _promise.Task;

    /// <summary>
    /// The writer takes the entry into a batch. False when nobody waits for it any more: it is left out.
    /// </summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, Taken, Waiting) == Waiting;

    /// <summary>
    /// The caller stops waiting. An entry that the writer has not taken yet is not written; one that it has may be.
    /// </summary>
    public void Abandon() => Interlocked.CompareExchange(ref _state, Abandoned, Waiting);

    /// <summary>The same, and whoever waits hears this fault.</summary>
    public void GiveUp(LedgerUnavailableException fault)
    {
        Abandon();
        _promise.TrySetException(fault);
    }

    /// <summary>It is on disk.</summary>
    public void Settle(LedgerReceipt receipt) => _receipt = receipt;

    /// <summary>It is not on disk as far as we know. What was said first holds.</summary>
    public void Settle(LedgerUnavailableException fault) => _fault ??= fault;

    /// <summary>Tells whoever still waits how it was settled, and runs what they do next.</summary>
    public void Deliver()
    {
        if (_fault is not null) _promise.TrySetException(_fault);
        else _promise.TrySetResult(_receipt ??
            throw new InvalidOperationException("internal error: an entry was left unsettled"));
    }
}

namespace Broker.Ledger.Writing;

/// <summary>
/// Tells those who wait for one batch what became of their entries: on the thread pool, so that the writer can go on
/// with the next batch, and on as many threads as there are processors, which take one entry after the other. A work
/// item for each entry would wake a thread for each, which costs more than what most of them then do.
/// </summary>
internal sealed class OutcomeDelivery : IThreadPoolWorkItem
{
    private readonly PendingEntry[] _settled;
    private int _taken = -1;
    private int _threads;

    private OutcomeDelivery(PendingEntry[] settled) => _settled = settled;

    /// <summary>Starts to tell them. Every entry is settled by now.</summary>
    public static void Start(List<PendingEntry> settled) => new OutcomeDelivery([.. settled]).Queue();

    public void Execute()
    {
        // Each thread wakes the next one: the writer has waited for none of it.
        var thread = Interlocked.Increment(ref _threads);
        if (thread < Math.Min(Environment.ProcessorCount, _settled.Length)) Queue();
        while (Interlocked.Increment(ref _taken) is var next && next < _settled.Length) _settled[next].Deliver();
    }

    private void Queue() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
}

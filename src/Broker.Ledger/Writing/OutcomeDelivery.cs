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

    private OutcomeDelivery(PendingEntry[] settled) => _settled = settled;

    /// <summary>Starts to tell them. Every entry is settled by now.</summary>
    public static void Start(List<PendingEntry> settled)
    {
        var delivery = new OutcomeDelivery([.. settled]);
        var threads = Math.Min(Environment.ProcessorCount, settled.Count);
        for (var i = 0; i < threads; i++) ThreadPool.UnsafeQueueUserWorkItem(delivery, preferLocal: false);
    }

    public void Execute()
    {
        while (Interlocked.Increment(ref _taken) is var next && next < _settled.Length) _settled[next].Deliver();
    }
}

using System.Collections.Concurrent;

namespace Broker.Ledger.Tests.Anchors;

/// <summary>An anchor in memory that can be out of reach.</summary>
internal sealed class FallibleAnchor : ILedgerAnchor
{
    public string Name => "test";

    public volatile bool Fails;

    public ConcurrentQueue<AnchoredCheckpoint> Checkpoints { get; } = [];

    public ConcurrentQueue<RowArchive> Archives { get; } = [];

    public Task<AnchorReceipt> AnchorAsync(AnchoredCheckpoint checkpoint, CancellationToken stop)
    {
        if (Fails) throw new AnchorFailedException("out of reach");
        Checkpoints.Enqueue(checkpoint);
        return Task.FromResult(new AnchorReceipt(Name, $$"""{"size":{{checkpoint.Size}}}""", DateTimeOffset.UtcNow));
    }

    public Task<AnchorReceipt> ArchiveAsync(RowArchive archive, CancellationToken stop)
    {
        if (Fails) throw new AnchorFailedException("out of reach");
        Archives.Enqueue(archive);
        return Task.FromResult(new AnchorReceipt(Name, $$"""{"first":{{archive.FirstId}}}""", DateTimeOffset.UtcNow));
    }
}

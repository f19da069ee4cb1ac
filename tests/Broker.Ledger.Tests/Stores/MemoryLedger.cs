using System.Collections.Immutable;
using Broker.Ledger.Merkle;
using Broker.Ledger.Storage;

namespace Broker.Ledger.Tests.Stores;

/// <summary>What a store in memory holds, as of one moment: what outlives the store, as a disk would.</summary>
internal sealed record MemoryContents
{
    public ImmutableList<LedgerRow> Rows { get; init; } = [];

    public ImmutableDictionary<(int Level, long Number), StoredTile> Tiles { get; init; } =
        ImmutableDictionary<(int Level, long Number), StoredTile>.Empty;

    public ImmutableSortedDictionary<long, StoredCheckpoint> Checkpoints { get; init; } =
        ImmutableSortedDictionary<long, StoredCheckpoint>.Empty;

    public ImmutableList<string> Keys { get; init; } = [];

    public ImmutableDictionary<long, string> Anchored { get; init; } = ImmutableDictionary<long, string>.Empty;

    public ImmutableList<long> Archives { get; init; } = [];

    public (long Size, MerkleHash Root, string Note) Newest => Checkpoints.IsEmpty
        ? (0, TreeHasher.Empty, "")
        : Checkpoints.Last().Value is var last ? (last.Size, new MerkleHash(last.Root), last.Note) : default;
}

/// <summary>Where the contents are kept while stores come and go.</summary>
internal sealed class MemoryLedger
{
    private MemoryContents _contents = new();

    public MemoryContents Contents => Volatile.Read(ref _contents);

    public void Change(Func<MemoryContents, MemoryContents> change)
    {
        for (var before = Contents; ; before = Contents)
        {
            if (Interlocked.CompareExchange(ref _contents, change(before), before) == before) return;
        }
    }
}

namespace Broker.Ledger.Merkle;

/// <summary>A tile that became full: stored once, never changed.</summary>
public readonly record struct FullTile(int Level, long Number, TileNodes Nodes);

/// <summary>
/// The growing side of the tree: of each level the one tile that is not full yet. All that appending needs, and a
/// few kilobytes however large the ledger is. Owned by the writer; <see cref="Snapshot"/> is what others see.
/// </summary>
public sealed class RightEdge
{
    private readonly List<TileNodes> _levels = [];

    /// <summary>Leaves in the tree.</summary>
    public long Size { get; private set; }

    /// <summary>Takes up the tree where it was left: the partial tile of each level, from the leaves upwards.</summary>
    public static RightEdge Resume(long size, IEnumerable<TileNodes> partialTiles)
    {
        var edge = new RightEdge { Size = size };
        edge._levels.AddRange(partialTiles);
        return edge;
    }

    /// <summary>
    /// Adds a leaf. Tiles that it fills, one per level at most, are added to <paramref name="full"/>.
    /// </summary>
    internal void Append(MerkleHash leaf, List<FullTile> full)
    {
        var hash = leaf;
        for (var level = 0; ; level++)
        {
            if (level == _levels.Count) _levels.Add(new TileNodes());
            var tile = _levels[level];
            tile.Add(hash);
            if (!tile.IsFull) break;
            full.Add(new FullTile(level, Size >> (TileNodes.Height * (level + 1)), tile));
            _levels[level] = new TileNodes();
            hash = tile.Root;
        }

        Size++;
    }

    /// <summary>The root of the tree.</summary>
    public MerkleHash Root() => Snapshot([]).Root();

    /// <summary>Remembers the present state, to come back to it when a commit fails.</summary>
    internal EdgeMark Mark() => new(Size, [.. _levels], [.. _levels.Select(tile => tile.Count)]);

    internal void Return(EdgeMark mark)
    {
        Size = mark.Size;
        _levels.Clear();
        for (var level = 0; level < mark.Tiles.Length; level++)
        {
            mark.Tiles[level].Truncate(mark.Counts[level]);
            _levels.Add(mark.Tiles[level]);
        }
    }

    /// <summary>
    /// The tree as it is now, able to prove every leaf of the present batch: <paramref name="full"/> are the tiles
    /// that the batch filled. Shares memory with the edge and stays valid while the edge grows.
    /// </summary>
    internal TreeSnapshot Snapshot(List<FullTile> full) => new(Size, [.. _levels], [.. full]);
}

/// <summary>A state of a <see cref="RightEdge"/>.</summary>
internal sealed record EdgeMark(long Size, TileNodes[] Tiles, int[] Counts);

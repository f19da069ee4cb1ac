namespace Broker.Ledger.Merkle;

/// <summary>
/// The right edge of the tree at one size, with the tiles that one batch filled: enough to prove each of the
/// batch's leaves without reading the disk. Immutable to its readers; see <see cref="TileNodes"/> on sharing.
/// </summary>
internal sealed class TreeSnapshot(long size, TileNodes[] edge, FullTile[] full) : ITreeNodes
{
    /// <summary>Leaves in the tree.</summary>
    public long Size => size;

    public MerkleHash Root() => MerkleProofs.Root(this, size);

    public MerkleHash Node(int height, long index)
    {
        var level = height / TileNodes.Height;
        var heightInTile = height % TileNodes.Height;
        var number = index >> (TileNodes.Height - heightInTile);
        var indexInTile = (int)(index - (number << (TileNodes.Height - heightInTile)));
        return Tile(level, number).Node(heightInTile, indexInTile);
    }

    private TileNodes Tile(int level, long number)
    {
        if (number == size >> (TileNodes.Height * (level + 1))) return edge[level];
        foreach (var tile in full)
        {
            if (tile.Level == level && tile.Number == number) return tile.Nodes;
        }

        throw new InvalidOperationException(
            $"internal error: tile {level}/{number} is not at the edge of a tree of {size}");
    }
}

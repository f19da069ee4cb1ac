using Broker.Ledger.Merkle;
using Broker.Ledger.Storage;

namespace Broker.Ledger.Reading;

/// <summary>The tree at one size, read tile by tile from the store as proofs ask for nodes. For one thread.</summary>
internal sealed class StoredTree(ILedgerView view, long size) : ITreeNodes
{
    private readonly Dictionary<(int Level, long Number), TileNodes> _tiles = [];

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
        if (_tiles.TryGetValue((level, number), out var tile)) return tile;
        var width = (int)Math.Min(TileNodes.Width, (size >> (TileNodes.Height * level)) - number * TileNodes.Width);
        tile = view.Tile(level, number, width);
        _tiles.Add((level, number), tile);
        return tile;
    }
}

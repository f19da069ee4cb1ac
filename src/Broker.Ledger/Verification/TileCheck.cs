using Broker.Ledger.Merkle;
using Broker.Ledger.Storage;

namespace Broker.Ledger.Verification;

/// <summary>Compares the stored tiles with those that the rows give, and answers which leaf a tile holds.</summary>
internal sealed class TileCheck
{
    private readonly ILedgerView _view;
    private readonly Findings _findings;
    private readonly long _covered;
    private long _leafTileNumber = -1;
    private byte[] _leafTile = [];

    public TileCheck(ILedgerView view, long covered, Findings findings)
    {
        _view = view;
        _covered = covered;
        _findings = findings;
    }

    /// <summary>Tiles that were compared.</summary>
    public long Compared { get; private set; }

    /// <summary>
    /// The leaf that the stored tree has at this index; null when its tile is not full, or not there.
    /// </summary>
    public MerkleHash? StoredLeaf(long index)
    {
        var number = index / TileNodes.Width;
        if (number != _leafTileNumber)
        {
            _leafTileNumber = number;
            _leafTile = number < _covered / TileNodes.Width ? _view.StoredTile(0, number)?.Hashes ?? [] : [];
        }

        var offset = (int)(index % TileNodes.Width) * MerkleHash.Size;
        return offset + MerkleHash.Size <= _leafTile.Length ? new MerkleHash(_leafTile.AsSpan(offset)) : null;
    }

    public void Compare(FullTile tile)
    {
        Compared++;
        var name = new TilePath(tile.Level, tile.Number, TileNodes.Width).ToString();
        if (_view.StoredTile(tile.Level, tile.Number) is not { } stored)
        {
            _findings.Add(FindingCode.TileWrong, $"tile {name} is missing");
        }
        else if (!stored.Hashes.AsSpan().SequenceEqual(tile.Nodes.ToBytes()))
        {
            _findings.Add(FindingCode.TileWrong, $"tile {name} does not hold the hashes that the rows give");
        }
        else if (stored.Root.Length != MerkleHash.Size || new MerkleHash(stored.Root) != tile.Nodes.Root)
        {
            _findings.Add(FindingCode.TileWrong, $"tile {name} has another root than its hashes give");
        }
    }
}

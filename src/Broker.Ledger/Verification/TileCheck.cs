using Broker.Ledger.Merkle;
using Broker.Ledger.Storage;

namespace Broker.Ledger.Verification;

/// <summary>Compares the stored tiles with those that the rows give, and answers which leaf a tile holds.</summary>
internal sealed class TileCheck
{
    private readonly SqliteDatabase _database;
    private readonly Findings _findings;
    private readonly SqliteStatement _tile;
    private readonly long _covered;
    private long _leafTileNumber = -1;
    private byte[] _leafTile = [];

    public TileCheck(SqliteDatabase database, long covered, Findings findings)
    {
        _database = database;
        _covered = covered;
        _findings = findings;
        _tile = database.Prepare("SELECT root, hashes FROM tree_tiles WHERE level = ? AND tile = ?");
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
            _leafTile = number < _covered / TileNodes.Width ? Read(0, number)?.Hashes ?? [] : [];
        }

        var offset = (int)(index % TileNodes.Width) * MerkleHash.Size;
        return offset + MerkleHash.Size <= _leafTile.Length ? new MerkleHash(_leafTile.AsSpan(offset)) : null;
    }

    public void Compare(FullTile tile)
    {
        Compared++;
        var name = new TilePath(tile.Level, tile.Number, TileNodes.Width).ToString();
        if (Read(tile.Level, tile.Number) is not { } stored)
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

    /// <summary>No tile may lie beyond the tree.</summary>
    public void CheckNothingLeft()
    {
        if (_database.ReadInteger("SELECT count(*) FROM tree_tiles WHERE tile < 0 OR level < 0 OR level > 7") > 0)
        {
            _findings.Add(FindingCode.TileWrong, "there are tiles that no tree can have");
        }

        for (var level = 0; level < 8; level++)
        {
            var full = _covered >> (TileNodes.Height * (level + 1));
            var beyond =
                _database.ReadInteger($"SELECT min(tile) FROM tree_tiles WHERE level = {level} AND tile >= {full}");
            var count =
                _database.ReadInteger($"SELECT count(*) FROM tree_tiles WHERE level = {level} AND tile >= {full}");
            if (count > 0) _findings.Add(
                FindingCode.TileWrong, $"tile {level}/{beyond} lies beyond the newest checkpoint");
        }
    }

    private (byte[] Root, byte[] Hashes)? Read(int level, long number)
    {
        _tile.Bind(1, level);
        _tile.Bind(2, number);
        try
        {
            return _tile.Step() ? (_tile.Blob(0).ToArray(), _tile.Blob(1).ToArray()) : null;
        }
        finally
        {
            _tile.Reset();
        }
    }
}

using Broker.Ledger.Merkle;
using Broker.Ledger.Notes;
using Broker.Ledger.Sqlite.Connections;
using Broker.Ledger.Storage;

namespace Broker.Ledger.Sqlite.Log;

/// <summary>
/// Finds out where a ledger file stands, from its right edge alone: at most 255 rows and 255 tiles of each level are
/// read, however large the ledger is. What is read must agree with the newest checkpoint.
/// </summary>
internal static class SqliteLedgerHead
{
    /// <exception cref="LedgerOpenException">Rows, tiles and checkpoint do not fit together.</exception>
    public static LedgerHead Load(SqliteDatabase database)
    {
        var size = database.ReadInteger("SELECT coalesce(max(id), 0) FROM mint_log") ?? 0;
        var (noteSize, note) = NewestCheckpoint(database);
        if (noteSize != size)
        {
            throw Damaged($"the table mint_log ends at row {size}, the newest checkpoint at {noteSize}");
        }

        if (size == 0) return new LedgerHead(0, TreeHasher.Empty, "", new RightEdge());
        var edge = RightEdge.Resume(size, PartialTiles(database, size));
        var root = edge.Root();
        var signed = SignedNote.TryParse(note, out var parsed) && Checkpoint.TryParse(parsed.Text, out var checkpoint)
            ? checkpoint
            : throw Damaged("the newest checkpoint cannot be read");
        return signed.Size == size && signed.Root == root
            ? new LedgerHead(size, root, note, edge)
            : throw Damaged($"the tree of {size} rows does not have the root of the newest checkpoint");
    }

    private static (long Size, string Note) NewestCheckpoint(SqliteDatabase database)
    {
        using var newest = database.Prepare("SELECT tree_size, note FROM checkpoints ORDER BY tree_size DESC LIMIT 1");
        return newest.Step() ? (newest.Integer(0), newest.Text(1)) : (0, "");
    }

    private static List<TileNodes> PartialTiles(SqliteDatabase database, long size)
    {
        var tiles = new List<TileNodes> { PartialLeaves(database, size) };
        using var roots =
            database.Prepare("SELECT tile, root FROM tree_tiles WHERE level = ? AND tile >= ? ORDER BY tile");
        for (var level = 1; size >> (TileNodes.Height * level) > 0; level++)
        {
            var expected = size >> (TileNodes.Height * level);
            var tile = new TileNodes();
            var number = expected / TileNodes.Width * TileNodes.Width;
            roots.Bind(1, level - 1);
            roots.Bind(2, number);
            while (roots.Step())
            {
                var isNext = roots.Integer(0) == number++ && !tile.IsFull;
                if (!isNext) throw Damaged($"the tiles of level {level - 1} have a gap");
                tile.Add(new MerkleHash(roots.Blob(1)));
            }

            roots.Reset();
            if (number != expected) throw Damaged($"level {level - 1} has {number} full tiles in place of {expected}");
            tiles.Add(tile);
        }

        return tiles;
    }

    private static TileNodes PartialLeaves(SqliteDatabase database, long size)
    {
        var tile = new TileNodes();
        var id = size / TileNodes.Width * TileNodes.Width;
        using var leaves = database.Prepare("SELECT id, leaf_hash FROM mint_log WHERE id > ? ORDER BY id");
        leaves.Bind(1, id);
        while (leaves.Step())
        {
            if (leaves.Integer(0) != ++id) throw Damaged($"row {id} is missing");
            tile.Add(MerkleHash.TryParseHex(leaves.Text(1), out var leaf)
                ? leaf
                : throw Damaged($"row {id} has no leaf hash"));
        }

        return tile;
    }

    private static LedgerOpenException Damaged(string what) =>
        new(LedgerOpenFault.Damaged, $"the ledger is damaged: {what}; `brokerctl ledger verify` says more");
}

using Broker.Ledger.Merkle;
using Broker.Ledger.Notes;
using Broker.Ledger.Storage;
using Npgsql;

namespace Broker.Ledger.Postgres.Log;

/// <summary>
/// Finds out where a ledger stands, from its right edge alone: at most 255 rows and 255 tiles of each level are read,
/// however large the ledger is. What is read must agree with the head and the newest checkpoint.
/// </summary>
internal static class StoredHead
{
    /// <summary>
    /// Reads within a transaction that is open, at <c>READ COMMITTED</c>. Waits for a commit that is still under way,
    /// such as one whose answer was lost, so that what it says of an entry is the last word.
    /// </summary>
    /// <exception cref="LedgerOpenException">Rows, tiles and checkpoint do not fit together.</exception>
    public static LedgerHead Load(NpgsqlConnection connection)
    {
        var (headSize, headRoot) = First(connection, "SELECT size, root FROM ledger_head FOR SHARE",
            row => (row.GetInt64(0), new MerkleHash(row.GetFieldValue<byte[]>(1))))
            ?? throw Damaged("it has no head");
        var size = First(connection, "SELECT coalesce(max(id), 0) FROM mint_log", row => row.GetInt64(0)) ?? 0;
        var (noteSize, note) = First(connection,
            "SELECT tree_size, note FROM checkpoints ORDER BY tree_size DESC LIMIT 1",
            row => (row.GetInt64(0), row.GetString(1))) ?? (0, "");
        if (noteSize != size || headSize != size)
        {
            throw Damaged($"the table mint_log ends at row {size}, the newest checkpoint at {noteSize}, "
                + $"the head at {headSize}");
        }

        if (size == 0) return new LedgerHead(0, TreeHasher.Empty, "", new RightEdge());
        var edge = RightEdge.Resume(size, PartialTiles(connection, size));
        var root = edge.Root();
        var signed = SignedNote.TryParse(note, out var parsed) && Checkpoint.TryParse(parsed.Text, out var checkpoint)
            ? checkpoint
            : throw Damaged("the newest checkpoint cannot be read");
        return signed.Size == size && signed.Root == root && headRoot == root
            ? new LedgerHead(size, root, note, edge)
            : throw Damaged($"the tree of {size} rows does not have the root of the newest checkpoint");
    }

    private static List<TileNodes> PartialTiles(NpgsqlConnection connection, long size)
    {
        var tiles = new List<TileNodes> { PartialLeaves(connection, size) };
        for (var level = 1; size >> (TileNodes.Height * level) > 0; level++)
        {
            var expected = size >> (TileNodes.Height * level);
            var number = expected / TileNodes.Width * TileNodes.Width;
            using var select = new NpgsqlCommand(
                "SELECT tile, root FROM tree_tiles WHERE level = $1 AND tile >= $2 ORDER BY tile", connection)
            {
                Parameters =
                {
                    new NpgsqlParameter<int> { TypedValue = level - 1 },
                    new NpgsqlParameter<long> { TypedValue = number },
                },
            };
            using var roots = select.ExecuteReader();
            var tile = new TileNodes();
            while (roots.Read())
            {
                var isNext = roots.GetInt64(0) == number++ && !tile.IsFull;
                if (!isNext) throw Damaged($"the tiles of level {level - 1} have a gap");
                tile.Add(new MerkleHash(roots.GetFieldValue<byte[]>(1)));
            }

            if (number != expected) throw Damaged($"level {level - 1} has {number} full tiles in place of {expected}");
            tiles.Add(tile);
        }

        return tiles;
    }

    private static TileNodes PartialLeaves(NpgsqlConnection connection, long size)
    {
        var tile = new TileNodes();
        var id = size / TileNodes.Width * TileNodes.Width;
        using var select = new NpgsqlCommand("SELECT id, leaf_hash FROM mint_log WHERE id > $1 ORDER BY id", connection)
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = id } },
        };
        using var leaves = select.ExecuteReader();
        while (leaves.Read())
        {
            if (leaves.GetInt64(0) != ++id) throw Damaged($"row {id} is missing");
            tile.Add(MerkleHash.TryParseHex(leaves.GetString(1), out var leaf)
                ? leaf
                : throw Damaged($"row {id} has no leaf hash"));
        }

        return tile;
    }

    private static T? First<T>(NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read)
        where T : struct
    {
        using var select = new NpgsqlCommand(sql, connection);
        using var row = select.ExecuteReader();
        return row.Read() ? read(row) : null;
    }

    private static LedgerOpenException Damaged(string what) =>
        new(LedgerOpenFault.Damaged, $"the ledger is damaged: {what}");
}

using Broker.Foundation.Results;
using Broker.Ledger.Merkle;

namespace Broker.Ledger.Storage;

/// <summary>One reading connection with its prepared statements. For one thread at a time.</summary>
internal sealed class SqliteLedgerView : IDisposable
{
    // Seconds that the clock may have been set back by without a count going wrong: rows stand in the order of their
    // ids, and that of their times is the same but for this.
    private const long ClockSetBack = 3600;

    private const string SelectRow = $"SELECT {SqliteLedgerSchema.EntryColumns} FROM mint_log";

    private readonly SqliteStatement _newestCheckpoint;
    private readonly SqliteStatement _checkpointAt;
    private readonly SqliteStatement _byRecordId;
    private readonly SqliteStatement _byId;
    private readonly SqliteStatement _pageByActor;
    private readonly SqliteStatement _newestOfActor;
    private readonly SqliteStatement _range;
    private readonly SqliteStatement _leaves;
    private readonly SqliteStatement _roots;
    private readonly SqliteStatement _hashes;

    public SqliteLedgerView(string path)
    {
        Database = SqliteDatabase.OpenForReading(path, TimeSpan.FromSeconds(2));
        try
        {
            _newestCheckpoint =
                Database.Prepare("SELECT tree_size, note FROM checkpoints ORDER BY tree_size DESC LIMIT 1");
            _checkpointAt = Database.Prepare("SELECT note FROM checkpoints WHERE tree_size = ?");
            _byRecordId = Database.Prepare($"{SelectRow} WHERE record_id = ?");
            _byId = Database.Prepare($"{SelectRow} WHERE id = ?");
            _pageByActor = Database.Prepare($"{SelectRow} WHERE actor_omni = ? AND id > ? ORDER BY id LIMIT ?");
            _newestOfActor = Database.Prepare(
                "SELECT minted_at, outcome, kind FROM mint_log WHERE actor_omni = ? ORDER BY id DESC");
            _range = Database.Prepare($"{SelectRow} WHERE id > ? AND id <= ? ORDER BY id");
            _leaves = Database.Prepare("SELECT leaf_hash FROM mint_log WHERE id > ? AND id <= ? ORDER BY id");
            _roots = Database.Prepare(
                "SELECT root FROM tree_tiles WHERE level = ? AND tile >= ? AND tile < ? ORDER BY tile");
            _hashes = Database.Prepare("SELECT hashes FROM tree_tiles WHERE level = ? AND tile = ?");
        }
        catch
        {
            Database.Dispose();
            throw;
        }
    }

    public SqliteDatabase Database { get; }

    /// <summary>Size and note of the newest checkpoint; size 0 and an empty note for a new ledger.</summary>
    public (long Size, string Note) NewestCheckpoint() =>
        First(_newestCheckpoint, static row => (row.Integer(0), row.Text(1)), (0L, ""));

    public string? CheckpointAt(long size)
    {
        _checkpointAt.Bind(1, size);
        return First<string?>(_checkpointAt, static row => row.Text(0), null);
    }

    public LedgerRow? Find(string recordId)
    {
        _byRecordId.Bind(1, recordId);
        return First<LedgerRow?>(_byRecordId, SqliteRowReader.Read, null);
    }

    public LedgerRow? At(long id)
    {
        _byId.Bind(1, id);
        return First<LedgerRow?>(_byId, SqliteRowReader.Read, null);
    }

    public List<LedgerRow> PageByActor(string actorOmni, long afterId, int limit)
    {
        _pageByActor.Bind(1, actorOmni);
        _pageByActor.Bind(2, afterId);
        _pageByActor.Bind(3, limit);
        return All(_pageByActor, SqliteRowReader.Read);
    }

    public int CountOk(string actorOmni, IReadOnlySet<string> kinds, long since, int atMost)
    {
        _newestOfActor.Bind(1, actorOmni);
        var count = 0;
        try
        {
            while (count < atMost && _newestOfActor.Step())
            {
                var mintedAt = _newestOfActor.Integer(0);
                if (mintedAt < since - ClockSetBack) break;
                var counts = mintedAt >= since && _newestOfActor.Text(1) == LedgerOutcome.Ok.Text
                    && kinds.Contains(_newestOfActor.Text(2));
                if (counts) count++;
            }

            return count;
        }
        finally
        {
            _newestOfActor.Reset();
        }
    }

    /// <summary>The rows with ids in (<paramref name="afterId"/>, <paramref name="lastId"/>], in order.</summary>
    public List<LedgerRow> Range(long afterId, long lastId)
    {
        _range.Bind(1, afterId);
        _range.Bind(2, lastId);
        return All(_range, SqliteRowReader.Read);
    }

    /// <summary>
    /// The tile's first <paramref name="width"/> hashes with all nodes above them. From a stored tile where it is
    /// full, else from the rows and the tiles below.
    /// </summary>
    public TileNodes Tile(int level, long number, int width)
    {
        var tile = width == TileNodes.Width ? FullTile(level, number) : PartialTile(level, number, width);
        return tile.Count == width
            ? tile
            : throw new InvalidDataException(
                $"the ledger is damaged: tile {level}/{number} has {tile.Count} of {width} hashes");
    }

    public void Dispose() => Database.Dispose();

    private TileNodes FullTile(int level, long number)
    {
        _hashes.Bind(1, level);
        _hashes.Bind(2, number);
        return First(_hashes, static row => TileNodes.FromBytes(row.Blob(0)), new TileNodes());
    }

    private TileNodes PartialTile(int level, long number, int width)
    {
        var tile = new TileNodes();
        var start = number * TileNodes.Width;
        if (level == 0)
        {
            _leaves.Bind(1, start);
            _leaves.Bind(2, start + width);
            foreach (var leaf in All(_leaves, static row => row.Text(0)))
            {
                tile.Add(MerkleHash.TryParseHex(leaf, out var hash)
                    ? hash
                    : throw new InvalidDataException(
                        $"the ledger is damaged: row {start + tile.Count + 1} has no leaf hash"));
            }
        }
        else
        {
            _roots.Bind(1, level - 1);
            _roots.Bind(2, start);
            _roots.Bind(3, start + width);
            foreach (var root in All(_roots, static row => new MerkleHash(row.Blob(0)))) tile.Add(root);
        }

        return tile;
    }

    private static T First<T>(SqliteStatement statement, Func<SqliteStatement, T> read, T otherwise)
    {
        try
        {
            return statement.Step() ? read(statement) : otherwise;
        }
        finally
        {
            statement.Reset();
        }
    }

    private static List<T> All<T>(SqliteStatement statement, Func<SqliteStatement, T> read)
    {
        var rows = new List<T>();
        try
        {
            while (statement.Step()) rows.Add(read(statement));
            return rows;
        }
        finally
        {
            statement.Reset();
        }
    }
}

using Broker.Ledger.Merkle;
using Broker.Ledger.Sqlite.Connections;
using Broker.Ledger.Sqlite.Index;
using Broker.Ledger.Storage;

namespace Broker.Ledger.Sqlite.Log;

/// <summary>One reading connection with its prepared statements. For one thread at a time.</summary>
internal sealed class SqliteLedgerView : ILedgerView
{
    private const string SelectRow = $"SELECT {SqliteLedgerSchema.EntryColumns} FROM mint_log";

    private readonly string _path;
    private readonly SqliteDatabase _database;
    private readonly SqliteRowFinder _finder;
    private readonly SqliteStatement _newestCheckpoint;
    private readonly SqliteStatement _checkpointAt;
    private readonly SqliteStatement _checkpoints;
    private readonly SqliteStatement _byId;
    private readonly SqliteStatement _range;
    private readonly SqliteStatement _leaves;
    private readonly SqliteStatement _roots;
    private readonly SqliteStatement _tile;

    /// <exception cref="SqliteFailure">There is no ledger at this path.</exception>
    public SqliteLedgerView(string path, IIndexAccess index)
    {
        _path = path;
        _database = SqliteDatabase.OpenForReading(path, TimeSpan.FromSeconds(2));
        try
        {
            _newestCheckpoint =
                _database.Prepare("SELECT tree_size, note FROM checkpoints ORDER BY tree_size DESC LIMIT 1");
            _checkpointAt = _database.Prepare("SELECT note FROM checkpoints WHERE tree_size = ?");
            _checkpoints = _database.Prepare(
                "SELECT tree_size, root, note FROM checkpoints WHERE tree_size > ? AND tree_size <= ? "
                + "ORDER BY tree_size LIMIT ?");
            _byId = _database.Prepare($"{SelectRow} WHERE id = ?");
            _range = _database.Prepare($"{SelectRow} WHERE id > ? AND id <= ? ORDER BY id");
            _leaves = _database.Prepare("SELECT leaf_hash FROM mint_log WHERE id > ? AND id <= ? ORDER BY id");
            _roots = _database.Prepare(
                "SELECT root FROM tree_tiles WHERE level = ? AND tile >= ? AND tile < ? ORDER BY tile");
            _tile = _database.Prepare("SELECT root, hashes FROM tree_tiles WHERE level = ? AND tile = ?");
            _finder = new SqliteRowFinder(_database, index, At);
        }
        catch
        {
            _database.Dispose();
            throw;
        }
    }

    public (long Size, string Note) NewestCheckpoint() =>
        _newestCheckpoint.First(static row => (row.Integer(0), row.Text(1)), (0L, ""));

    public string? CheckpointAt(long size)
    {
        _checkpointAt.Bind(1, size);
        return _checkpointAt.First<string?>(static row => row.Text(0), null);
    }

    public IReadOnlyList<StoredCheckpoint> Checkpoints(long afterSize, long upTo, int limit)
    {
        _checkpoints.Bind(1, afterSize);
        _checkpoints.Bind(2, upTo);
        _checkpoints.Bind(3, limit);
        return _checkpoints.All(
            static row => new StoredCheckpoint(row.Integer(0), row.Blob(1).ToArray(), row.Text(2)));
    }

    public LedgerRow? At(long id)
    {
        _byId.Bind(1, id);
        return _byId.First<LedgerRow?>(SqliteRowReader.Read, null);
    }

    public IReadOnlyList<LedgerRow> Range(long afterId, long lastId)
    {
        _range.Bind(1, afterId);
        _range.Bind(2, lastId);
        return _range.All(SqliteRowReader.Read);
    }

    public LedgerRow? Find(string recordId) => _finder.Find(recordId);

    public IReadOnlyList<LedgerRow> Page(LedgerFilter filter, long beyondId, int limit) =>
        _finder.Page(filter, beyondId, limit);

    public TileNodes Tile(int level, long number, int width)
    {
        var tile = width == TileNodes.Width ? FullTile(level, number) : PartialTile(level, number, width);
        return tile.Count == width
            ? tile
            : throw new InvalidDataException(
                $"the ledger is damaged: tile {level}/{number} has {tile.Count} of {width} hashes");
    }

    public StoredTile? StoredTile(int level, long number)
    {
        _tile.Bind(1, level);
        _tile.Bind(2, number);
        return _tile.First<StoredTile?>(
            static row => new StoredTile(row.Blob(0).ToArray(), row.Blob(1).ToArray()), null);
    }

    public IReadOnlyList<string> Keys()
    {
        const string hasTable = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'checkpoint_keys'";
        if (_database.ReadInteger(hasTable) is null) return [];
        using var keys = _database.Prepare("SELECT vkey FROM checkpoint_keys ORDER BY id");
        return keys.All(static row => row.Text(0));
    }

    public LedgerStatistics Statistics() => SqliteStatistics.Read(_database, _path);

    public LedgerExtent Extent()
    {
        _database.Execute("BEGIN");
        var covered = _database.ReadInteger("SELECT coalesce(max(tree_size), 0) FROM checkpoints") ?? 0;
        var first = _database.ReadInteger("SELECT coalesce(min(id), 1) FROM mint_log") ?? 1;
        var last = _database.ReadInteger("SELECT coalesce(max(id), 0) FROM mint_log") ?? 0;
        _database.Execute("COMMIT");
        return new LedgerExtent(first, last, covered);
    }

    public IEnumerable<LedgerFinding> CheckRules(long covered) => RuleCheck.Run(_database, covered);

    public void Dispose()
    {
        _finder.Dispose();
        _database.Dispose();
    }

    private TileNodes FullTile(int level, long number) =>
        StoredTile(level, number) is { } tile ? TileNodes.FromBytes(tile.Hashes) : new TileNodes();

    private TileNodes PartialTile(int level, long number, int width)
    {
        var tile = new TileNodes();
        var start = number * TileNodes.Width;
        if (level == 0)
        {
            _leaves.Bind(1, start);
            _leaves.Bind(2, start + width);
            foreach (var leaf in _leaves.All(static row => row.Text(0)))
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
            foreach (var root in _roots.All(static row => new MerkleHash(row.Blob(0)))) tile.Add(root);
        }

        return tile;
    }
}

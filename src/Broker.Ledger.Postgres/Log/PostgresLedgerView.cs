using Broker.Ledger.Merkle;
using Broker.Ledger.Postgres.Connections;
using Broker.Ledger.Postgres.Schema;
using Broker.Ledger.Storage;
using Npgsql;

namespace Broker.Ledger.Postgres.Log;

/// <summary>
/// Reads a ledger. Holds no connection between two calls, so that many views share a few; safe to use from many
/// threads.
/// </summary>
internal sealed class PostgresLedgerView(NpgsqlDataSource source) : ILedgerView
{
    public (long Size, string Note) NewestCheckpoint() => First(
        "SELECT tree_size, note FROM checkpoints ORDER BY tree_size DESC LIMIT 1",
        static row => (row.GetInt64(0), row.GetString(1)), (0L, ""));

    public string? CheckpointAt(long size) => First<string?>(
        "SELECT note FROM checkpoints WHERE tree_size = $1", static row => row.GetString(0), null, size);

    public IReadOnlyList<StoredCheckpoint> Checkpoints(long afterSize, long upTo, int limit) => All(
        "SELECT tree_size, root, note FROM checkpoints WHERE tree_size > $1 AND tree_size <= $2 "
        + "ORDER BY tree_size LIMIT $3",
        static row => new StoredCheckpoint(row.GetInt64(0), row.GetFieldValue<byte[]>(1), row.GetString(2)),
        afterSize, upTo, limit);

    public LedgerRow? At(long id) => First<LedgerRow?>($"{RowReader.Select} WHERE id = $1", RowReader.Read, null, id);

    public IReadOnlyList<LedgerRow> Range(long afterId, long lastId) =>
        All($"{RowReader.Select} WHERE id > $1 AND id <= $2 ORDER BY id", RowReader.Read, afterId, lastId);

    public LedgerRow? Find(string recordId) => Read(connection =>
    {
        using var select = new NpgsqlCommand($"{RowReader.Select} WHERE record_id = $1", connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = StoredText.Of(recordId) } },
        };
        return Rows(select, RowReader.Read) is [var row, ..] ? row : null;
    });

    public IReadOnlyList<LedgerRow> Page(LedgerFilter filter, long beyondId, int limit) => Read(connection =>
    {
        using var select = RowQuery.Of(connection, filter, beyondId, limit);
        return Rows(select, RowReader.Read);
    });

    public TileNodes Tile(int level, long number, int width)
    {
        var tile = width == TileNodes.Width ? FullTile(level, number) : PartialTile(level, number, width);
        return tile.Count == width
            ? tile
            : throw new InvalidDataException(
                $"the ledger is damaged: tile {level}/{number} has {tile.Count} of {width} hashes");
    }

    public StoredTile? StoredTile(int level, long number) => First<StoredTile?>(
        "SELECT root, hashes FROM tree_tiles WHERE level = $1 AND tile = $2",
        static row => new StoredTile(row.GetFieldValue<byte[]>(0), row.GetFieldValue<byte[]>(1)), null, level, number);

    public IReadOnlyList<string> Keys() =>
        All("SELECT vkey FROM checkpoint_keys ORDER BY id", static row => row.GetString(0));

    public LedgerStatistics Statistics() => Read(LedgerCounts.Read);

    public LedgerExtent Extent() => First(
        """
        SELECT coalesce((SELECT min(id) FROM mint_log), 1), coalesce((SELECT max(id) FROM mint_log), 0),
            coalesce((SELECT max(tree_size) FROM checkpoints), 0)
        """,
        static row => new LedgerExtent(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), new LedgerExtent(1, 0, 0));

    public IEnumerable<LedgerFinding> CheckRules(long covered) =>
        Read(connection => PostgresRuleCheck.Run(connection, covered));

    public void Dispose()
    {
        // The connections are the pool's.
    }

    private TileNodes FullTile(int level, long number) =>
        StoredTile(level, number) is { } tile ? TileNodes.FromBytes(tile.Hashes) : new TileNodes();

    private TileNodes PartialTile(int level, long number, int width)
    {
        var start = number * TileNodes.Width;
        var hashes = level == 0
            ? All("SELECT leaf_hash FROM mint_log WHERE id > $1 AND id <= $2 ORDER BY id",
                static row => MerkleHash.TryParseHex(row.GetString(0), out var leaf)
                    ? leaf
                    : throw new InvalidDataException("the ledger is damaged: a row has no leaf hash"),
                start, start + width)
            : All("SELECT root FROM tree_tiles WHERE level = $1 AND tile >= $2 AND tile < $3 ORDER BY tile",
                static row => new MerkleHash(row.GetFieldValue<byte[]>(0)), level - 1, start, start + width);
        var tile = new TileNodes();
        foreach (var hash in hashes) tile.Add(hash);
        return tile;
    }

    private T First<T>(string sql, Func<NpgsqlDataReader, T> read, T otherwise, params long[] values) =>
        All(sql, read, values) is [var first, ..] ? first : otherwise;

    private List<T> All<T>(string sql, Func<NpgsqlDataReader, T> read, params long[] values) => Read(connection =>
    {
        using var select = new NpgsqlCommand(sql, connection);
        foreach (var value in values) select.Parameters.Add(new NpgsqlParameter<long> { TypedValue = value });
        return Rows(select, read);
    });

    private static List<T> Rows<T>(NpgsqlCommand select, Func<NpgsqlDataReader, T> read)
    {
        var all = new List<T>();
        using var rows = select.ExecuteReader();
        while (rows.Read()) all.Add(read(rows));
        return all;
    }

    /// <summary>
    /// Reads on a connection of the pool; once more where it was one that had been lost while nobody used it, as all of
    /// them are after the server was started anew.
    /// </summary>
    private T Read<T>(Func<NpgsqlConnection, T> read)
    {
        for (var isAgain = false; ; isAgain = true)
        {
            try
            {
                using var connection = source.OpenConnection();
                return read(connection);
            }
            catch (Exception e) when (!isAgain && IsLostConnection(e))
            {
                source.Clear();
            }
            catch (Exception e) when (PostgresFailure.Is(e))
            {
                throw PostgresFailure.Of(e);
            }
        }
    }

    private static bool IsLostConnection(Exception fault) => fault
        is PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown }
        or NpgsqlException { InnerException: IOException };
}

using Broker.Ledger.Postgres.Connections;
using Broker.Ledger.Storage;
using Npgsql;

namespace Broker.Ledger.Postgres.Log;

/// <summary>
/// Whether the anchor holds an entry, in a table of its own (<c>plugin_mint_log</c>) beside the rows that never change.
/// A row is inserted in the transaction of its entry; a state is left once and for all, which the database itself
/// enforces.
/// </summary>
internal sealed class PostgresAnchorStates(NpgsqlDataSource source, PostgresAccess access) : IAnchorStates
{
    public IReadOnlyList<string> Pending() => Ids("pending");

    public IReadOnlyList<string> Quarantined() => Ids("quarantined");

    public void Confirm(long upToRowId, string receipt) => Run(
        "UPDATE plugin_mint_log SET status = 'confirmed', outcome_detail = $1 WHERE status = 'pending' "
        + "AND row_id <= $2",
        Text(receipt), Integer(upToRowId));

    public long Quarantine(DateTimeOffset mintedBefore, string reason) => Run(
        "UPDATE plugin_mint_log SET status = 'quarantined', outcome_detail = $1 WHERE status = 'pending' "
        + "AND minted_at < $2",
        Text(reason), Integer(mintedBefore.ToUnixTimeSeconds()));

    public long ArchivedTo() => Use(connection =>
    {
        using var select = new NpgsqlCommand("SELECT coalesce(max(last_id), 0) FROM anchor_archives", connection);
        return (long)select.ExecuteScalar()!;
    });

    public void RecordArchive(RowArchive archive, AnchorReceipt receipt) => Run(
        "INSERT INTO anchor_archives (first_id, last_id, receipt, archived_at) VALUES ($1, $2, $3, $4)",
        Integer(archive.FirstId), Integer(archive.LastId), Text(receipt.Detail),
        Integer(receipt.AnchoredAt.ToUnixTimeSeconds()));

    // The texts of the two states are written out, for the partial indexes to serve them.
    private List<string> Ids(string status) => Use(connection =>
    {
        using var select = new NpgsqlCommand(
            $"SELECT id FROM plugin_mint_log WHERE status = '{status}' ORDER BY row_id LIMIT 100", connection);
        using var rows = select.ExecuteReader();
        var ids = new List<string>();
        while (rows.Read()) ids.Add(StoredText.Read(rows.GetString(0)));
        return ids;
    });

    private long Run(string sql, params NpgsqlParameter[] parameters) => Use(connection =>
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return command.ExecuteNonQuery();
    });

    private T Use<T>(Func<NpgsqlConnection, T> use)
    {
        try
        {
            using var connection = source.OpenConnection();
            SessionRules.Apply(connection, access);
            return use(connection);
        }
        catch (Exception e) when (PostgresFailure.Is(e))
        {
            throw PostgresFailure.Of(e);
        }
    }

    private static NpgsqlParameter<string> Text(string value) => new() { TypedValue = StoredText.Of(value) };

    private static NpgsqlParameter<long> Integer(long value) => new() { TypedValue = value };
}

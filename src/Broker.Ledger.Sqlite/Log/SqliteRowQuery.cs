using Broker.Ledger.Sqlite.Connections;

namespace Broker.Ledger.Sqlite.Log;

/// <summary>
/// Turns a <see cref="LedgerFilter"/> into one statement; every value is bound, none is written into the text.
/// </summary>
internal sealed class SqliteRowQuery
{
    private readonly List<string> _conditions = [];
    private readonly List<object> _values = [];

    private SqliteRowQuery()
    {
    }

    /// <summary>
    /// The rows that match, at most <paramref name="limit"/>, with ids between the given ones, both left out.
    /// </summary>
    public static List<LedgerRow> Read(
        SqliteDatabase database, LedgerFilter filter, long afterId, long beforeId, int limit)
    {
        var query = new SqliteRowQuery();
        query.Add("id > ?", afterId);
        query.Add("id < ?", beforeId);
        if (filter.Wallet is { } wallet) query.Add("requester_wallet = ?", wallet);
        if (filter.ActorOmni is { } omni) query.Add("actor_omni = ?", omni);
        if (filter.Kind is { } kind) query.Add("kind = ?", kind);
        if (filter.Outcome is { } outcome) query.Add("outcome = ?", outcome);
        if (filter.Since is { } since) query.Add("minted_at >= ?", since.ToUnixTimeSeconds());
        if (filter.Until is { } until) query.Add("minted_at < ?", until.ToUnixTimeSeconds());
        if (filter.Role is { } role)
        {
            // The whole value, or the last segment of an ARN.
            query.Add("(requested_role = ? OR substr(requested_role, -length(?) - 1) = '/' || ?)", role, role, role);
        }

        return query.Run(database, filter.NewestFirst, limit);
    }

    private void Add(string condition, params object[] values)
    {
        _conditions.Add(condition);
        _values.AddRange(values);
    }

    private List<LedgerRow> Run(SqliteDatabase database, bool newestFirst, int limit)
    {
        using var rows = database.Prepare(
            $"SELECT {SqliteLedgerSchema.EntryColumns} FROM mint_log WHERE {string.Join(" AND ", _conditions)} " +
            $"ORDER BY id {(newestFirst ? "DESC" : "ASC")} LIMIT {limit}");
        for (var i = 0; i < _values.Count; i++)
        {
            if (_values[i] is long number) rows.Bind(i + 1, number);
            else rows.Bind(i + 1, (string)_values[i]);
        }

        return rows.All(SqliteRowReader.Read);
    }
}

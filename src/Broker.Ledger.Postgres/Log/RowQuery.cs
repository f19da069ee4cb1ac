using Npgsql;

namespace Broker.Ledger.Postgres.Log;

/// <summary>
/// Turns a <see cref="LedgerFilter"/> into one statement; every value is bound, none is written into the text. Where an
/// index holds the beginning of a text only, the beginning is asked for too.
/// </summary>
internal static class RowQuery
{
    /// <summary>
    /// The rows that match, at most <paramref name="limit"/>, with ids beyond the given one in the filter's direction.
    /// </summary>
    public static NpgsqlCommand Of(NpgsqlConnection connection, LedgerFilter filter, long beyondId, int limit)
    {
        var (after, before) = filter.NewestFirst
            ? (filter.AfterId, beyondId)
            : (Math.Max(filter.AfterId, beyondId), long.MaxValue);
        var query = new NpgsqlCommand { Connection = connection };
        var conditions = new List<string> { $"id > {Number(after)}", $"id < {Number(before)}" };
        if (filter.Wallet is { } wallet)
        {
            var value = Text(wallet);
            conditions.Add($"left(requester_wallet, 18) = left({value}, 18) AND requester_wallet = {value}");
        }

        if (filter.ActorOmni is { } omni)
        {
            var value = Text(omni);
            conditions.Add($"left(actor_omni, 16) = left({value}, 16) AND actor_omni = {value}");
        }

        if (filter.Kind is { } kind) conditions.Add($"kind = {Text(kind)}");
        if (filter.Outcome is { } outcome) conditions.Add($"outcome = {Text(outcome)}");
        if (filter.Since is { } since) conditions.Add($"minted_at >= {Number(since.ToUnixTimeSeconds())}");
        if (filter.Until is { } until) conditions.Add($"minted_at < {Number(until.ToUnixTimeSeconds())}");
        if (filter.Role is { } role)
        {
            // The whole value, or the last segment of an ARN.
            var value = Text(role);
            conditions.Add(
                $"(requested_role = {value} OR right(requested_role, length({value}) + 1) = '/' || {value})");
        }

        query.CommandText = $"{RowReader.Select} WHERE {string.Join(" AND ", conditions)} "
            + $"ORDER BY id {(filter.NewestFirst ? "DESC" : "ASC")} LIMIT {Number(limit)}";
        return query;

        string Number(long value) => Add(new NpgsqlParameter<long> { TypedValue = value });
        string Text(string value) => Add(new NpgsqlParameter<string> { TypedValue = StoredText.Of(value) });
        string Add(NpgsqlParameter parameter)
        {
            query.Parameters.Add(parameter);
            return $"${query.Parameters.Count}";
        }
    }
}

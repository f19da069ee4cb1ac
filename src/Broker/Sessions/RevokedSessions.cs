using System.Collections.Concurrent;
using Broker.Storage;
using Dapper;

namespace Broker.Sessions;

/// <summary>Where revocations are kept; durable when <see cref="Add"/> returns.</summary>
internal interface IRevocationStore
{
    void Add(string tokenId, DateTimeOffset tokenExpiry);

    IEnumerable<(string TokenId, DateTimeOffset TokenExpiry)> All();
}

/// <summary>
/// The session tokens that their holders ended early, held in memory and on disk until long after they would have
/// expired (<see cref="ExpiryHorizon"/>).
/// </summary>
internal sealed class RevokedSessions
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _revoked;
    private readonly IRevocationStore _store;
    private readonly ExpiryHorizon _horizon;

    public RevokedSessions(IRevocationStore store, ExpiryHorizon horizon)
    {
        _store = store;
        _horizon = horizon;
        _revoked = new(
            store.All().Select(one => KeyValuePair.Create(one.TokenId, one.TokenExpiry)), StringComparer.Ordinal);
    }

    public bool Contains(string tokenId) => _revoked.ContainsKey(tokenId);

    /// <summary>From the return on the token is refused, also after a restart.</summary>
    public void Revoke(string tokenId, DateTimeOffset tokenExpiry)
    {
        _store.Add(tokenId, tokenExpiry);
        _revoked[tokenId] = tokenExpiry;
        if (_horizon.Before is not { } before) return;
        foreach (var (id, until) in _revoked)
        {
            if (until < before) _revoked.TryRemove(id, out _);
        }
    }
}

internal sealed class SqliteRevocationStore(StateDatabase database) : IRevocationStore
{
    public void Add(string tokenId, DateTimeOffset tokenExpiry)
    {
        using var connection = database.Connect();
        connection.Execute(
            "INSERT INTO revoked_sessions (token_id, expires_at) VALUES (@TokenId, @ExpiresAt) "
            + "ON CONFLICT (token_id) DO NOTHING",
            new { TokenId = tokenId, ExpiresAt = tokenExpiry.ToUnixTimeSeconds() });
    }

    public IEnumerable<(string TokenId, DateTimeOffset TokenExpiry)> All()
    {
        using var connection = database.Connect();
        return connection.Query<(string, long)>("SELECT token_id, expires_at FROM revoked_sessions")
            .Select(row => (row.Item1, DateTimeOffset.FromUnixTimeSeconds(row.Item2)))
            .ToList();
    }
}

using Broker.Cryptography;
using Broker.Ledger;
using Broker.Sessions;
using Broker.Storage;
using Dapper;

namespace Broker.OAuth.Delegations;

internal sealed class SqliteDelegationStore(StateDatabase database, TimeProvider time) : IDelegationStore
{
    private const string Columns =
        """
        id AS Id, client_id AS ClientId, omni_account AS Omni, wallet AS Wallet, identity_type AS Type,
        identity_value AS Value, scope AS Scope, resource AS Resource, how AS How, since AS Since, nonce AS Nonce
        """;

    private const string Open = "ended_at IS NULL AND expires_at > @Now";

    private long Now => time.GetUtcNow().ToUnixTimeSeconds();

    public void Add(Delegation delegation)
    {
        using var connection = database.Connect();
        connection.Execute(
            """
            INSERT INTO oauth_delegations (id, client_id, omni_account, wallet, identity_type, identity_value, scope,
                resource, how, since, nonce, expires_at)
            VALUES (@Id, @ClientId, @Omni, @Wallet, @Type, @Value, @Scope, @Resource, @How, @Since, @Nonce, @ExpiresAt)
            """,
            new
            {
                delegation.Id,
                delegation.Terms.ClientId,
                Omni = delegation.Person.Omni.ToString(),
                Wallet = delegation.Person.Wallet?.ToString(),
                delegation.Person.Type,
                delegation.Person.Value,
                delegation.Terms.Scope,
                delegation.Terms.Resource,
                delegation.How,
                Since = delegation.Since.ToUnixTimeSeconds(),
                delegation.Nonce,
                ExpiresAt = Now + (long)Delegation.Longest.TotalSeconds,
            });
    }

    public Delegation? Find(string id)
    {
        using var connection = database.Connect();
        return connection.QuerySingleOrDefault<Row>(
            $"SELECT {Columns} FROM oauth_delegations WHERE id = @Id AND {Open}", new { Id = id, Now })?.Read();
    }

    public Delegation? FindByRefreshToken(Sha256Digest token)
    {
        using var connection = database.Connect();
        return connection.QuerySingleOrDefault<Row>(
            $"""
            SELECT {Columns} FROM oauth_delegations
            WHERE id = (SELECT delegation_id FROM oauth_refresh_tokens WHERE token_hash = @Token)
            """,
            new { Token = token.ToString() })?.Read();
    }

    public string? KeyOfRefreshToken(Sha256Digest token)
    {
        using var connection = database.Connect();
        return connection.ExecuteScalar<string?>(
            "SELECT key_thumbprint FROM oauth_refresh_tokens WHERE token_hash = @Token",
            new { Token = token.ToString() });
    }

    public void AddRefreshToken(string delegation, Sha256Digest token, string? key)
    {
        using var connection = database.Connect();
        connection.Execute(
            """
            INSERT INTO oauth_refresh_tokens (token_hash, delegation_id, key_thumbprint, expires_at)
            SELECT @Token, id, @Key, min(expires_at, @Rest) FROM oauth_delegations WHERE id = @Delegation
            """,
            new
            {
                Token = token.ToString(),
                Delegation = delegation,
                Key = key,
                Rest = Now + (long)Delegations.Delegation.LongestRest.TotalSeconds,
            });
    }

    public bool TakeRefreshToken(Sha256Digest token)
    {
        using var connection = database.Connect();
        return connection.Execute(
            $"""
            UPDATE oauth_refresh_tokens SET used_at = @Now
            WHERE token_hash = @Token AND used_at IS NULL AND expires_at > @Now
                AND delegation_id IN (SELECT id FROM oauth_delegations WHERE {Open})
            """,
            new { Token = token.ToString(), Now }) == 1;
    }

    public void GiveBackRefreshToken(Sha256Digest token)
    {
        using var connection = database.Connect();
        connection.Execute(
            "UPDATE oauth_refresh_tokens SET used_at = NULL WHERE token_hash = @Token",
            new { Token = token.ToString() });
    }

    public bool AddSession(string delegation, DelegatedSession session)
    {
        using var connection = database.Connect();
        return connection.Execute(
            $"""
            INSERT INTO oauth_delegated_sessions (token_id, delegation_id, bearer_hash, expires_at)
            SELECT @TokenId, id, @Bearer, @ExpiresAt FROM oauth_delegations WHERE id = @Delegation AND {Open}
            """,
            new
            {
                session.TokenId,
                Delegation = delegation,
                Bearer = session.Bearer.ToString(),
                ExpiresAt = session.ExpiresAt.ToUnixTimeSeconds(),
                Now,
            }) == 1;
    }

    public IReadOnlyList<DelegatedSession> End(string id)
    {
        using var connection = database.Connect();
        using var both = connection.BeginTransaction(deferred: false);
        var isFirst = connection.Execute(
            "UPDATE oauth_delegations SET ended_at = @Now WHERE id = @Id AND ended_at IS NULL",
            new { Id = id, Now }) == 1;
        var sessions = isFirst
            ? connection.Query<(string, string, long)>(
                """
                SELECT token_id, bearer_hash, expires_at FROM oauth_delegated_sessions
                WHERE delegation_id = @Id AND expires_at > @Now
                """,
                new { Id = id, Now }).ToList()
            : [];
        both.Commit();
        return
        [
            .. sessions.Select(one => new DelegatedSession(
                one.Item1, Digest(one.Item2), DateTimeOffset.FromUnixTimeSeconds(one.Item3))),
        ];
    }

    private static Sha256Digest Digest(string text) => Sha256Digest.TryParse(text, out var digest)
        ? digest
        : throw new InvalidOperationException("internal error: a stored hash is none");

    private sealed record Row(
        string Id, string ClientId, string Omni, string? Wallet, string Type, string Value, string Scope,
        string? Resource, string How, long Since, string? Nonce)
    {
        public Delegation Read()
        {
            if (!ActorOmni.TryParse(Omni, out var omni))
                throw new InvalidOperationException("internal error: a stored actor is none");
            EthereumAddress? wallet = EthereumAddress.TryParse(Wallet, out var address) ? address : null;
            return new Delegation(
                Id, new SessionIdentity(omni, wallet, Type, Value), new SessionTerms(ClientId, Scope, Resource), How,
                DateTimeOffset.FromUnixTimeSeconds(Since), Nonce);
        }
    }
}

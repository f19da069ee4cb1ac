using Broker.Modules;
using Broker.Storage;
using Dapper;

namespace Broker.OAuth.ForeignIssuers;

/// <summary>Where the ids of foreign tokens are remembered while they could be sent again.</summary>
internal interface IUsedForeignTokens
{
    /// <summary>False when this issuer's id was used before. Durable when it returns.</summary>
    bool TryUse(string issuer, string tokenId, DateTimeOffset until);

    /// <summary>It was used, and nothing came of it.</summary>
    void GiveBack(string issuer, string tokenId);
}

internal sealed class SqliteUsedForeignTokens(StateDatabase database) : IUsedForeignTokens
{
    /// <summary>A row is made by a token that verified and met a rule, and goes when that has expired.</summary>
    public static readonly StateTable Table = new("oauth/0007-foreign-tokens", """
        CREATE TABLE IF NOT EXISTS oauth_foreign_tokens (
            issuer     TEXT NOT NULL,
            token_id   TEXT NOT NULL,
            expires_at INTEGER NOT NULL,
            PRIMARY KEY (issuer, token_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS oauth_foreign_tokens_by_expiry ON oauth_foreign_tokens (expires_at);
        """)
    {
        Expiring = "oauth_foreign_tokens",
    };

    public bool TryUse(string issuer, string tokenId, DateTimeOffset until)
    {
        using var connection = database.Connect();
        return connection.Execute(
            "INSERT INTO oauth_foreign_tokens (issuer, token_id, expires_at) VALUES (@Issuer, @Id, @Until) "
            + "ON CONFLICT DO NOTHING",
            new { Issuer = issuer, Id = tokenId, Until = until.ToUnixTimeSeconds() }) == 1;
    }

    public void GiveBack(string issuer, string tokenId)
    {
        using var connection = database.Connect();
        connection.Execute(
            "DELETE FROM oauth_foreign_tokens WHERE issuer = @Issuer AND token_id = @Id",
            new { Issuer = issuer, Id = tokenId });
    }
}

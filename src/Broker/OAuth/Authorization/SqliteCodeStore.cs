using Broker.Cryptography;
using Broker.Modules;
using Broker.Storage;
using Dapper;

namespace Broker.OAuth.Authorization;

internal sealed class SqliteCodeStore(StateDatabase database, TimeProvider time) : ICodeStore
{
    public static StateTable Table { get; } = new("oauth/0006-authorization-codes", """
        CREATE TABLE IF NOT EXISTS oauth_authorization_codes (
            code_hash      TEXT PRIMARY KEY,
            client_id      TEXT NOT NULL,
            redirect_uri   TEXT NOT NULL,
            challenge      TEXT NOT NULL,
            delegation_id  TEXT NOT NULL,
            key_thumbprint TEXT NULL,
            used_at        INTEGER NULL,
            expires_at     INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS oauth_authorization_codes_by_expiry ON oauth_authorization_codes (expires_at);
        """)
    {
        Expiring = "oauth_authorization_codes",
    };

    private long Now => time.GetUtcNow().ToUnixTimeSeconds();

    public void Add(AuthorizationCode code)
    {
        using var connection = database.Connect();
        connection.Execute(
            """
            INSERT INTO oauth_authorization_codes (code_hash, client_id, redirect_uri, challenge, delegation_id,
                key_thumbprint, expires_at)
            VALUES (@Code, @ClientId, @RedirectUri, @Challenge, @DelegationId, @Key, @ExpiresAt)
            """,
            new
            {
                Code = code.Code.ToString(),
                code.ClientId,
                code.RedirectUri,
                code.Challenge,
                code.DelegationId,
                code.Key,
                ExpiresAt = Now + (long)AuthorizationCode.Lifetime.TotalSeconds,
            });
    }

    public AuthorizationCode? Find(Sha256Digest code)
    {
        using var connection = database.Connect();
        return connection.QuerySingleOrDefault<Row>(
            """
            SELECT client_id AS ClientId, redirect_uri AS RedirectUri, challenge AS Challenge,
                delegation_id AS DelegationId, key_thumbprint AS Key
            FROM oauth_authorization_codes WHERE code_hash = @Code
            """,
            new { Code = code.ToString() }) is { } row
                ? new AuthorizationCode(code, row.ClientId, row.RedirectUri, row.Challenge, row.DelegationId, row.Key)
                : null;
    }

    public bool Take(Sha256Digest code)
    {
        using var connection = database.Connect();
        return connection.Execute(
            """
            UPDATE oauth_authorization_codes SET used_at = @Now
            WHERE code_hash = @Code AND used_at IS NULL AND expires_at > @Now
            """,
            new { Code = code.ToString(), Now }) == 1;
    }

    public void GiveBack(Sha256Digest code)
    {
        using var connection = database.Connect();
        connection.Execute(
            "UPDATE oauth_authorization_codes SET used_at = NULL WHERE code_hash = @Code",
            new { Code = code.ToString() });
    }

    private sealed record Row(string ClientId, string RedirectUri, string Challenge, string DelegationId, string? Key);
}

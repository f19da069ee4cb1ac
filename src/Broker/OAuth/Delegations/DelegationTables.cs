using Broker.Modules;

namespace Broker.OAuth.Delegations;

/// <summary>Delegations, what was issued under them, and the codes that lead to one.</summary>
internal static class DelegationTables
{
    public static IReadOnlyList<StateTable> All { get; } =
    [
        new("oauth/0002-delegations", """
            CREATE TABLE IF NOT EXISTS oauth_delegations (
                id             TEXT PRIMARY KEY,
                client_id      TEXT NOT NULL,
                omni_account   TEXT NOT NULL,
                wallet         TEXT NULL,
                identity_type  TEXT NOT NULL,
                identity_value TEXT NOT NULL,
                scope          TEXT NOT NULL,
                resource       TEXT NULL,
                how            TEXT NOT NULL,
                since          INTEGER NOT NULL,
                nonce          TEXT NULL,
                ended_at       INTEGER NULL,
                expires_at     INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX IF NOT EXISTS oauth_delegations_by_expiry ON oauth_delegations (expires_at);
            """)
        {
            Expiring = "oauth_delegations",
        },
        new("oauth/0003-refresh-tokens", """
            CREATE TABLE IF NOT EXISTS oauth_refresh_tokens (
                token_hash     TEXT PRIMARY KEY,
                delegation_id  TEXT NOT NULL,
                key_thumbprint TEXT NULL,
                used_at        INTEGER NULL,
                expires_at     INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX IF NOT EXISTS oauth_refresh_tokens_by_expiry ON oauth_refresh_tokens (expires_at);
            """)
        {
            Expiring = "oauth_refresh_tokens",
        },
        new("oauth/0004-delegated-sessions", """
            CREATE TABLE IF NOT EXISTS oauth_delegated_sessions (
                token_id      TEXT PRIMARY KEY,
                delegation_id TEXT NOT NULL,
                bearer_hash   TEXT NOT NULL,
                expires_at    INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX IF NOT EXISTS oauth_delegated_sessions_of ON oauth_delegated_sessions (delegation_id);
            CREATE INDEX IF NOT EXISTS oauth_delegated_sessions_by_expiry ON oauth_delegated_sessions (expires_at);
            """)
        {
            Expiring = "oauth_delegated_sessions",
        },
    ];
}

using Broker.Cryptography;
using Broker.Modules;
using Broker.OAuth.Delegations;
using Broker.Sessions;
using Broker.Storage;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Broker.OAuth.Device;

internal sealed class SqliteDeviceStore(StateDatabase database, TimeProvider time) : IDeviceStore
{
    /// <summary>A poll that comes so much early has only been on a faster way.</summary>
    private const long ToleranceMilliseconds = 250;

    public static StateTable Table { get; } = new("oauth/0005-device-codes", """
        CREATE TABLE IF NOT EXISTS oauth_device_codes (
            device_hash      TEXT PRIMARY KEY,
            user_hash        TEXT NOT NULL UNIQUE,
            client_id        TEXT NOT NULL,
            scope            TEXT NOT NULL,
            resource         TEXT NULL,
            state            TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'denied', 'taken')),
            delegation_id    TEXT NULL,
            interval_seconds INTEGER NOT NULL,
            polled_at        INTEGER NULL,
            expires_at       INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS oauth_device_codes_by_expiry ON oauth_device_codes (expires_at);
        """)
    {
        Expiring = "oauth_device_codes",
    };

    private const string Open = "user_hash = @UserCode AND state = 'pending' AND expires_at > @Now";

    private long Now => time.GetUtcNow().ToUnixTimeSeconds();

    public void Add(DeviceAuthorization asked)
    {
        using var connection = database.Connect();
        connection.Execute(
            """
            INSERT INTO oauth_device_codes (device_hash, user_hash, client_id, scope, resource, state,
                interval_seconds, expires_at)
            VALUES (@DeviceCode, @UserCode, @ClientId, @Scope, @Resource, 'pending', @Interval, @ExpiresAt)
            """,
            new
            {
                DeviceCode = asked.DeviceCode.ToString(),
                UserCode = asked.UserCode.ToString(),
                asked.Terms.ClientId,
                asked.Terms.Scope,
                asked.Terms.Resource,
                Interval = DeviceAuthorization.IntervalSeconds,
                ExpiresAt = asked.ExpiresAt.ToUnixTimeSeconds(),
            });
    }

    public DeviceAuthorization? FindOpen(Sha256Digest userCode)
    {
        using var connection = database.Connect();
        return connection.QuerySingleOrDefault<Row>(
            $"""
            SELECT device_hash AS DeviceCode, client_id AS ClientId, scope AS Scope, resource AS Resource,
                expires_at AS ExpiresAt
            FROM oauth_device_codes WHERE {Open}
            """,
            new { UserCode = userCode.ToString(), Now })?.Read(userCode);
    }

    public bool Decide(Sha256Digest userCode, Delegation? delegation)
    {
        using var connection = database.Connect();
        return connection.Execute(
            $"UPDATE oauth_device_codes SET state = @State, delegation_id = @Delegation WHERE {Open}",
            new
            {
                UserCode = userCode.ToString(),
                Now,
                State = delegation is null ? "denied" : "approved",
                Delegation = delegation?.Id,
            }) == 1;
    }

    public (DevicePoll Found, string? Delegation) Poll(Sha256Digest deviceCode, string clientId)
    {
        using var connection = database.Connect();
        using var one = connection.BeginTransaction(deferred: false);
        var found = Poll(connection, deviceCode.ToString(), clientId);
        one.Commit();
        return found;
    }

    public void GiveBack(Sha256Digest deviceCode)
    {
        using var connection = database.Connect();
        connection.Execute(
            "UPDATE oauth_device_codes SET state = 'approved' WHERE device_hash = @DeviceCode AND state = 'taken'",
            new { DeviceCode = deviceCode.ToString() });
    }

    private (DevicePoll Found, string? Delegation) Poll(SqliteConnection connection, string deviceCode, string clientId)
    {
        var state = connection.QuerySingleOrDefault<State>(
            """
            SELECT state AS Name, delegation_id AS Delegation, interval_seconds AS Interval, polled_at AS PolledAt,
                expires_at AS ExpiresAt
            FROM oauth_device_codes WHERE device_hash = @DeviceCode AND client_id = @Client
            """,
            new { DeviceCode = deviceCode, Client = clientId });
        if (state is null) return (DevicePoll.Unknown, null);
        if (state.Name == "taken") return (DevicePoll.TakenBefore, state.Delegation);
        if (state.ExpiresAt <= Now) return (DevicePoll.Expired, null);
        if (state.Name == "denied") return (DevicePoll.Denied, null);
        if (state.Name == "approved")
        {
            connection.Execute(
                "UPDATE oauth_device_codes SET state = 'taken' WHERE device_hash = @DeviceCode",
                new { DeviceCode = deviceCode });
            return (DevicePoll.Taken, state.Delegation);
        }

        // RFC 8628 §3.5: whoever polls too fast waits five seconds longer from then on.
        var at = time.GetUtcNow().ToUnixTimeMilliseconds();
        var isFast = state.PolledAt is { } before && at - before < (state.Interval * 1000) - ToleranceMilliseconds;
        connection.Execute(
            """
            UPDATE oauth_device_codes SET polled_at = @At, interval_seconds = interval_seconds + @Longer
            WHERE device_hash = @DeviceCode
            """,
            new { DeviceCode = deviceCode, At = at, Longer = isFast ? DeviceAuthorization.IntervalSeconds : 0 });
        return (isFast ? DevicePoll.TooFast : DevicePoll.Pending, null);
    }

    private sealed record State(string Name, string? Delegation, long Interval, long? PolledAt, long ExpiresAt);

    private sealed record Row(string DeviceCode, string ClientId, string Scope, string? Resource, long ExpiresAt)
    {
        public DeviceAuthorization Read(Sha256Digest userCode) => new(
            Sha256Digest.TryParse(DeviceCode, out var code)
                ? code
                : throw new InvalidOperationException("internal error: a stored hash is none"),
            userCode, new SessionTerms(ClientId, Scope, Resource), DateTimeOffset.FromUnixTimeSeconds(ExpiresAt));
    }
}

using Broker.Ledger;
using Broker.Storage;
using Dapper;

namespace Broker.Grants;

/// <summary>Where grants are kept. Durable when a method returns.</summary>
internal interface IGrantStore
{
    void Add(Grant grant);

    /// <summary>A master's own grants, the newest first, at most <paramref name="most"/>.</summary>
    IReadOnlyList<Grant> List(ActorOmni master, int most);

    /// <summary>How many of a master's grants have neither ended nor been revoked.</summary>
    int CountLive(ActorOmni master, DateTimeOffset now);

    /// <summary>
    /// Takes one use of a live grant, in one statement: however many ask at once, no more than <c>max_uses</c> get one.
    /// </summary>
    string? Consume(ActorOmni master, string daemon, string service, DateTimeOffset now);

    /// <summary>Puts a use back: nothing was released for it.</summary>
    void GiveBack(string grantId);

    /// <summary>What there is for this use, and which grant says so. Takes nothing.</summary>
    (GrantFinding Finding, Grant? Grant) Find(ActorOmni master, string daemon, string service, DateTimeOffset now);

    /// <summary>
    /// Revokes the master's grant, and keeps the time of the first call. Null where it is unknown, another's, or its
    /// revocation is on record already.
    /// </summary>
    Grant? Revoke(ActorOmni master, string grantId, DateTimeOffset now);

    /// <summary>The ledger holds the revocation under this id.</summary>
    void KeepRevocation(string grantId, RecordId record);
}

internal sealed class SqliteGrantStore(StateDatabase database, GrantMetrics metrics) : IGrantStore
{
    private const string Columns =
        "grant_id AS GrantId, master_omni_account AS Master, daemon_address AS Daemon, service AS Service, "
        + "scope_path AS ScopePath, granted_at AS GrantedAt, expires_at AS ExpiresAt, max_uses AS MaxUses, "
        + "used_count AS UsedCount, revoked_at AS RevokedAt, audit_proof AS AuditProof";

    private const string Use = "master_omni_account = @Master AND daemon_address = @Daemon AND service = @Service";
    private const string Live = "revoked_at IS NULL AND expires_at > @Now AND used_count < max_uses";

    public void Add(Grant grant)
    {
        using var connection = database.Connect();
        connection.Execute(
            """
            INSERT INTO grants (grant_id, master_omni_account, daemon_address, service, scope_path, granted_at,
                expires_at, max_uses, audit_proof)
            VALUES (@Id, @Master, @Daemon, @Service, @ScopePath, @GrantedAt, @ExpiresAt, @MaxUses, @AuditProof)
            """,
            new
            {
                grant.Id,
                Master = grant.Terms.Master.ToString(),
                grant.Terms.Daemon,
                grant.Terms.Service,
                grant.Terms.ScopePath,
                GrantedAt = grant.GrantedAt.ToUnixTimeSeconds(),
                ExpiresAt = grant.Terms.ExpiresAt.ToUnixTimeSeconds(),
                grant.Terms.MaxUses,
                grant.AuditProof,
            });
        metrics.Created.Add(1);
    }

    public IReadOnlyList<Grant> List(ActorOmni master, int most)
    {
        using var connection = database.Connect();
        return
        [
            .. connection.Query<Row>(
                $"SELECT {Columns} FROM grants WHERE master_omni_account = @Master "
                + "ORDER BY granted_at DESC, rowid DESC LIMIT @Most",
                new { Master = master.ToString(), Most = most }).Select(row => row.ToGrant()),
        ];
    }

    public int CountLive(ActorOmni master, DateTimeOffset now)
    {
        using var connection = database.Connect();
        return connection.ExecuteScalar<int>(
            $"SELECT count(*) FROM grants WHERE master_omni_account = @Master AND {Live}",
            new { Master = master.ToString(), Now = now.ToUnixTimeSeconds() });
    }

    public string? Consume(ActorOmni master, string daemon, string service, DateTimeOffset now)
    {
        using var connection = database.Connect();
        var taken = connection.QuerySingleOrDefault<string>(
            $"""
            UPDATE grants SET used_count = used_count + 1 WHERE grant_id = (
                SELECT grant_id FROM grants WHERE {Use} AND {Live} ORDER BY expires_at, grant_id LIMIT 1)
            RETURNING grant_id
            """,
            Key(master, daemon, service, now));
        if (taken is not null) metrics.Used.Add(1);
        return taken;
    }

    public void GiveBack(string grantId)
    {
        using var connection = database.Connect();
        connection.Execute(
            "UPDATE grants SET used_count = used_count - 1 WHERE grant_id = @Id AND used_count > 0",
            new { Id = grantId });
        metrics.GivenBack.Add(1);
    }

    public (GrantFinding Finding, Grant? Grant) Find(
        ActorOmni master, string daemon, string service, DateTimeOffset now)
    {
        // The one that Consume would take; where none is live the newest says why.
        using var connection = database.Connect();
        var found = connection.QueryFirstOrDefault<Row>(
            $"SELECT {Columns} FROM grants WHERE {Use} ORDER BY ({Live}) DESC, "
            + $"CASE WHEN {Live} THEN expires_at ELSE -granted_at END, CASE WHEN {Live} THEN grant_id END, rowid DESC "
            + "LIMIT 1",
            Key(master, daemon, service, now))?.ToGrant();
        return found switch
        {
            null => (GrantFinding.NoGrant, null),
            { RevokedAt: not null } => (GrantFinding.Revoked, found),
            _ when found.Terms.ExpiresAt <= now => (GrantFinding.Expired, found),
            _ when found.UsedCount >= found.Terms.MaxUses => (GrantFinding.Exhausted, found),
            _ => (GrantFinding.Live, found),
        };
    }

    public Grant? Revoke(ActorOmni master, string grantId, DateTimeOffset now)
    {
        using var connection = database.Connect();
        return connection.QuerySingleOrDefault<Row>(
            "UPDATE grants SET revoked_at = coalesce(revoked_at, @Now) WHERE grant_id = @Id "
            + $"AND master_omni_account = @Master AND revocation_record IS NULL RETURNING {Columns}",
            new { Id = grantId, Master = master.ToString(), Now = now.ToUnixTimeSeconds() })?.ToGrant();
    }

    public void KeepRevocation(string grantId, RecordId record)
    {
        using var connection = database.Connect();
        connection.Execute("UPDATE grants SET revocation_record = @Record WHERE grant_id = @Id",
            new { Id = grantId, Record = record.ToString() });
        metrics.Revoked.Add(1);
    }

    private static object Key(ActorOmni master, string daemon, string service, DateTimeOffset now) => new
    {
        Master = master.ToString(),
        Daemon = daemon,
        Service = service,
        Now = now.ToUnixTimeSeconds(),
    };

    private sealed class Row
    {
        public required string GrantId { get; init; }

        public required string Master { get; init; }

        public required string Daemon { get; init; }

        public required string Service { get; init; }

        public required string ScopePath { get; init; }

        public long GrantedAt { get; init; }

        public long ExpiresAt { get; init; }

        public long MaxUses { get; init; }

        public long UsedCount { get; init; }

        public long? RevokedAt { get; init; }

        public required string AuditProof { get; init; }

        public Grant ToGrant()
        {
            if (!ActorOmni.TryParse(Master, out var master))
                throw new InvalidOperationException("internal error: a grant's master is no omni");
            var terms = new GrantTerms(
                master, Daemon, Service, ScopePath, DateTimeOffset.FromUnixTimeSeconds(ExpiresAt), (int)MaxUses);
            return new Grant(
                GrantId, terms, DateTimeOffset.FromUnixTimeSeconds(GrantedAt), (int)UsedCount,
                RevokedAt is { } at ? DateTimeOffset.FromUnixTimeSeconds(at) : null, AuditProof);
        }
    }
}

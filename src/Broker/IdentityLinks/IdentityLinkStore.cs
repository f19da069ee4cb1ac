using System.Data;
using Broker.Ledger;
using Broker.Storage;
using Dapper;

namespace Broker.IdentityLinks;

/// <summary>
/// Where links are kept (contract §2.15). An identity has one at most. Durable when a method returns.
/// </summary>
internal interface IIdentityLinkStore
{
    /// <summary>
    /// Begins a link. A proven one takes the place of a claim, and any one that of a link that never got on record.
    /// </summary>
    LinkOutcome Begin(IdentityLink link);

    /// <summary>
    /// The ledger holds the link: from now on it counts. False where another's link has taken its place meanwhile.
    /// </summary>
    bool Complete(LinkableIdentity identity, ActorOmni omni, RecordId record);

    /// <summary>Null where the identity is linked to nobody.</summary>
    IdentityLink? Find(LinkableIdentity identity);

    IReadOnlyList<IdentityLink> List(ActorOmni omni);

    void Remove(IdentityLink link);
}

internal sealed class SqliteIdentityLinkStore(StateDatabase database) : IIdentityLinkStore
{
    private const string Columns =
        "identity_type AS Type, identity_value AS Value, omni_account AS Omni, linked_at AS LinkedAt, "
        + "proven AS IsProven, record_id AS RecordId";

    private const string ByIdentity = "identity_type = @Type AND identity_value = @Value";

    public LinkOutcome Begin(IdentityLink link)
    {
        using var connection = database.Connect();
        using var transaction = connection.BeginTransaction(IsolationLevel.Serializable);
        var known = connection.QuerySingleOrDefault<Row>(
            $"SELECT {Columns} FROM identity_links WHERE {ByIdentity}", link.Identity, transaction);
        if (known?.RecordId is not null && !(link.IsProven && known.IsProven == 0))
        {
            return known.Omni == link.Omni.ToString() ? LinkOutcome.AlreadyLinked : LinkOutcome.Taken;
        }

        connection.Execute(
            """
            INSERT OR REPLACE INTO identity_links
                (identity_type, identity_value, omni_account, linked_at, proven, record_id)
            VALUES (@Type, @Value, @Omni, @LinkedAt, @IsProven, NULL)
            """,
            new
            {
                link.Identity.Type,
                link.Identity.Value,
                Omni = link.Omni.ToString(),
                LinkedAt = link.LinkedAt.ToUnixTimeSeconds(),
                link.IsProven,
            },
            transaction);
        transaction.Commit();
        return LinkOutcome.Begun;
    }

    public bool Complete(LinkableIdentity identity, ActorOmni omni, RecordId record)
    {
        using var connection = database.Connect();
        return connection.Execute(
            $"UPDATE identity_links SET record_id = @Record WHERE {ByIdentity} AND omni_account = @Omni",
            new { identity.Type, identity.Value, Omni = omni.ToString(), Record = record.ToString() }) == 1;
    }

    public IdentityLink? Find(LinkableIdentity identity)
    {
        using var connection = database.Connect();
        return connection.QuerySingleOrDefault<Row>(
            $"SELECT {Columns} FROM identity_links WHERE {ByIdentity} AND record_id IS NOT NULL", identity)?.ToLink();
    }

    public IReadOnlyList<IdentityLink> List(ActorOmni omni)
    {
        using var connection = database.Connect();
        return
        [
            .. connection.Query<Row>(
                $"SELECT {Columns} FROM identity_links WHERE omni_account = @Omni AND record_id IS NOT NULL "
                + "ORDER BY linked_at, identity_type, identity_value",
                new { Omni = omni.ToString() }).Select(row => row.ToLink()),
        ];
    }

    public void Remove(IdentityLink link)
    {
        using var connection = database.Connect();
        connection.Execute(
            $"DELETE FROM identity_links WHERE {ByIdentity} AND omni_account = @Omni",
            new { link.Identity.Type, link.Identity.Value, Omni = link.Omni.ToString() });
    }

    private sealed class Row
    {
        public required string Type { get; init; }

        public required string Value { get; init; }

        public required string Omni { get; init; }

        public long LinkedAt { get; init; }

        public long IsProven { get; init; }

        public string? RecordId { get; init; }

        public IdentityLink ToLink() => ActorOmni.TryParse(Omni, out var omni)
            ? new IdentityLink(
                new LinkableIdentity(Type, Value), omni, DateTimeOffset.FromUnixTimeSeconds(LinkedAt), IsProven != 0)
            : throw new InvalidOperationException("internal error: a link's actor is no omni");
    }
}

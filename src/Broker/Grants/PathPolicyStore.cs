using Broker.Ledger;
using Broker.Storage;
using Dapper;

namespace Broker.Grants;

/// <summary>Whether an agent that a master has paired may act. What has no policy may not.</summary>
/// <param name="Scope">What the master asked for when it claimed the agent.</param>
internal sealed record PathPolicy(
    ActorOmni Master, ActorOmni Child, string DerivationPath, bool IsActive, string Scope, DateTimeOffset UpdatedAt);

/// <summary>Where path policies are kept (contract §2.14, §8). Durable when a method returns.</summary>
internal interface IPathPolicyStore
{
    IReadOnlyList<PathPolicy> List(ActorOmni master);

    PathPolicy? Find(ActorOmni master, string derivationPath);

    /// <summary>
    /// Adds the policy where the path has none, and gives the one that it has now: a path that was suspended stays so
    /// until it is resumed, however often its label is claimed.
    /// </summary>
    PathPolicy Ensure(PathPolicy policy);

    /// <summary>Null where the master has no such path.</summary>
    PathPolicy? Set(ActorOmni master, string derivationPath, bool isActive, DateTimeOffset now);
}

internal sealed class SqlitePathPolicyStore(StateDatabase database) : IPathPolicyStore
{
    private const string Columns =
        "master_omni_account AS Master, child_omni AS Child, derivation_path AS DerivationPath, active AS IsActive, "
        + "scope AS Scope, updated_at AS UpdatedAt";

    public IReadOnlyList<PathPolicy> List(ActorOmni master)
    {
        using var connection = database.Connect();
        return
        [
            .. connection.Query<Row>(
                $"SELECT {Columns} FROM child_path_policies WHERE master_omni_account = @Master "
                + "ORDER BY derivation_path",
                new { Master = master.ToString() }).Select(row => row.ToPolicy()),
        ];
    }

    public PathPolicy? Find(ActorOmni master, string derivationPath)
    {
        using var connection = database.Connect();
        return connection.QueryFirstOrDefault<Row>(
            $"SELECT {Columns} FROM child_path_policies WHERE master_omni_account = @Master "
            + "AND derivation_path = @Path",
            new { Master = master.ToString(), Path = derivationPath })?.ToPolicy();
    }

    public PathPolicy Ensure(PathPolicy policy)
    {
        using var connection = database.Connect();
        return connection.QuerySingle<Row>(
            $"""
            INSERT INTO child_path_policies
                (master_omni_account, child_omni, derivation_path, active, scope, updated_at)
            VALUES (@Master, @Child, @DerivationPath, @IsActive, @Scope, @UpdatedAt)
            ON CONFLICT DO UPDATE SET scope = excluded.scope
            RETURNING {Columns}
            """,
            new
            {
                Master = policy.Master.ToString(),
                Child = policy.Child.ToString(),
                policy.DerivationPath,
                policy.IsActive,
                policy.Scope,
                UpdatedAt = policy.UpdatedAt.ToUnixTimeSeconds(),
            }).ToPolicy();
    }

    public PathPolicy? Set(ActorOmni master, string derivationPath, bool isActive, DateTimeOffset now)
    {
        using var connection = database.Connect();
        return connection.QueryFirstOrDefault<Row>(
            "UPDATE child_path_policies SET active = @IsActive, updated_at = @Now "
            + $"WHERE master_omni_account = @Master AND derivation_path = @Path RETURNING {Columns}",
            new
            {
                Master = master.ToString(),
                Path = derivationPath,
                IsActive = isActive,
                Now = now.ToUnixTimeSeconds(),
            })?.ToPolicy();
    }

    private sealed class Row
    {
        public required string Master { get; init; }

        public required string Child { get; init; }

        public required string DerivationPath { get; init; }

        public long IsActive { get; init; }

        public required string Scope { get; init; }

        public long UpdatedAt { get; init; }

        public PathPolicy ToPolicy() =>
            ActorOmni.TryParse(Master, out var master) && ActorOmni.TryParse(Child, out var child)
                ? new PathPolicy(
                    master, child, DerivationPath, IsActive != 0, Scope,
                    DateTimeOffset.FromUnixTimeSeconds(UpdatedAt))
                : throw new InvalidOperationException("internal error: a path policy names no omni");
    }
}

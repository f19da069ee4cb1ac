using System.Diagnostics.Metrics;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Issuer;
using Broker.Ledger;
using Broker.Modules;
using Broker.Releases;
using Broker.SigningKeys;

namespace Broker.Grants;

/// <summary>
/// Delegation: what a master grants to addresses, and whether the agents that it has paired may act.
/// </summary>
internal sealed class GrantsModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => GrantSettings.All;

    public override IReadOnlyList<RefusalCode> Refusals => GrantRefusals.All;

    public override IReadOnlyList<EntryKind> EntryKinds => [GrantRelease.Kind, PathPolicyChange.Kind];

    /// <summary>Grants that have ended stay: a mint that asks for one is told why, not let through.</summary>
    public override IReadOnlyList<StateTable> Tables =>
    [
        new("grants/0001-grants", """
            CREATE TABLE IF NOT EXISTS grants (
                grant_id            TEXT PRIMARY KEY,
                master_omni_account TEXT NOT NULL,
                daemon_address      TEXT NOT NULL,
                service             TEXT NOT NULL,
                scope_path          TEXT NOT NULL,
                granted_at          INTEGER NOT NULL,
                expires_at          INTEGER NOT NULL,
                max_uses            INTEGER NOT NULL,
                used_count          INTEGER NOT NULL DEFAULT 0,
                revoked_at          INTEGER NULL,
                audit_proof         TEXT NOT NULL,
                revocation_record   TEXT NULL
            ) STRICT;
            CREATE INDEX IF NOT EXISTS grants_by_use ON grants (master_omni_account, daemon_address, service);
            CREATE INDEX IF NOT EXISTS grants_by_master ON grants (master_omni_account, granted_at);
            """),
        new("grants/0002-path-policies", """
            CREATE TABLE IF NOT EXISTS child_path_policies (
                master_omni_account TEXT NOT NULL,
                child_omni          TEXT NOT NULL,
                derivation_path     TEXT NOT NULL,
                active              INTEGER NOT NULL,
                scope               TEXT NOT NULL,
                rate_limit_per_min  INTEGER NULL,
                valid_until_block   INTEGER NULL,
                updated_at          INTEGER NOT NULL,
                PRIMARY KEY (master_omni_account, child_omni, derivation_path)
            ) STRICT;
            """),
    ];

    public override IJsonTypeInfoResolver Json => GrantsJson.Default;

    public override void Read(ModuleStart start) => start.Read(GrantOptions.Read);

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        services.AddSingleton<GrantMetrics>();
        services.AddSingleton<IGrantStore, SqliteGrantStore>();
        services.AddSingleton<IPathPolicyStore, SqlitePathPolicyStore>();
        services.AddSingleton(new GrantProofs(start.Get<LoadedKeys>().Session, start.Get<IssuerOptions>()));
        services.AddSingleton<IReleaseCheck, PathPolicyCheck>();
        services.AddSingleton<IReleaseCheck, GrantCheck>();
    }

    public override void Map(WebApplication app)
    {
        CreateGrant.Map(app);
        ListGrants.Map(app);
        RevokeGrant.Map(app);
        PathPolicyRoutes.Map(app);
    }

    public override IEnumerable<Instrument> Metrics(IServiceProvider services) =>
        services.GetRequiredService<GrantMetrics>().All;
}

[JsonSerializable(typeof(CreateGrantRequest))]
[JsonSerializable(typeof(CreateGrantAnswer))]
[JsonSerializable(typeof(ListGrantsAnswer))]
[JsonSerializable(typeof(RevokeGrantRequest))]
[JsonSerializable(typeof(RevokeGrantAnswer))]
[JsonSerializable(typeof(PathPolicyList))]
[JsonSerializable(typeof(PathPolicyRequest))]
[JsonSerializable(typeof(PathPolicyAnswer))]
[JsonSourceGenerationOptions(RespectNullableAnnotations = true)]
internal sealed partial class GrantsJson : JsonSerializerContext;

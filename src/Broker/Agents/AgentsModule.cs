using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Ledger;
using Broker.Modules;
using Broker.SigningKeys;

namespace Broker.Agents;

/// <summary>
/// Agents: a device proves its key, a master claims it under a label, and the device gets a session of its own.
/// </summary>
internal sealed class AgentsModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => AgentSettings.All;

    public override IReadOnlyList<RefusalCode> Refusals => AgentRefusals.All;

    public override IReadOnlyList<EntryKind> EntryKinds => [AgentPairing.Kind];

    public override IReadOnlyList<StateTable> Tables =>
    [
        new("agents/0001-pairing-requests", """
            CREATE TABLE IF NOT EXISTS pairing_requests (
                request_hash     TEXT PRIMARY KEY,
                sealed_request   BLOB NOT NULL,
                code_hash        TEXT NOT NULL UNIQUE,
                device_pubkey    TEXT NOT NULL,
                pop_sig          TEXT NOT NULL,
                created_at       INTEGER NOT NULL,
                open_until       INTEGER NOT NULL,
                expires_at       INTEGER NOT NULL,
                claimed_at       INTEGER NULL,
                confirmed        INTEGER NOT NULL DEFAULT 0,
                operator_omni    TEXT NULL,
                child_omni       TEXT NULL,
                label            TEXT NULL,
                requested_scope  TEXT NULL,
                minted_at        INTEGER NULL,
                session_id       TEXT NULL,
                session_until    INTEGER NULL,
                bound_at         INTEGER NULL,
                declined_at      INTEGER NULL,
                decline_recorded INTEGER NOT NULL DEFAULT 0
            ) STRICT;
            CREATE INDEX IF NOT EXISTS pairing_requests_by_device ON pairing_requests (device_pubkey);
            CREATE INDEX IF NOT EXISTS pairing_requests_by_operator ON pairing_requests (operator_omni);
            CREATE INDEX IF NOT EXISTS pairing_requests_by_expiry ON pairing_requests (expires_at);
            """)
        {
            Expiring = "pairing_requests",
        },
        new("agents/0002-link-codes", """
            CREATE TABLE IF NOT EXISTS agent_link_codes (
                code_hash       TEXT PRIMARY KEY,
                operator_omni   TEXT NOT NULL,
                label           TEXT NOT NULL,
                requested_scope TEXT NOT NULL,
                expires_at      INTEGER NOT NULL,
                redeemed_at     INTEGER NULL
            ) STRICT;
            CREATE INDEX IF NOT EXISTS agent_link_codes_by_expiry ON agent_link_codes (expires_at);
            """)
        {
            Expiring = "agent_link_codes",
        },
        new("agents/0003-pairings-by-agent",
            "CREATE INDEX IF NOT EXISTS pairing_requests_by_child ON pairing_requests (child_omni);"),
    ];

    public override IJsonTypeInfoResolver Json => AgentsJson.Default;

    public override void Read(ModuleStart start) => start.Read(boot => AgentOptions.Read(boot, start.IsDevelopment));

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        services.AddSingleton(new PairingSeal(DerivedKey.Of(start.Get<LoadedKeys>().Ledger.First, "pairing requests")));
        services.AddSingleton<IPairingStore, SqlitePairingStore>();
        services.AddSingleton<ILinkCodeStore, SqliteLinkCodeStore>();
        services.AddSingleton<PairingLimit>();
        services.AddSingleton<IssueAgentSession>();
    }

    public override void Map(WebApplication app)
    {
        RequestPairing.Map(app);
        ClaimPairing.Map(app);
        PollPairing.Map(app);
        PendingBindings.Map(app);
        CreateAgent.Map(app);
        RedeemLinkCode.Map(app);
    }
}

[JsonSerializable(typeof(RequestPairingRequest))]
[JsonSerializable(typeof(RequestPairingAnswer))]
[JsonSerializable(typeof(ClaimPairingRequest))]
[JsonSerializable(typeof(ClaimPairingAnswer))]
[JsonSerializable(typeof(PollPairingRequest))]
[JsonSerializable(typeof(PollPairingAnswer))]
[JsonSerializable(typeof(PendingBindingsAnswer))]
[JsonSerializable(typeof(BindingRequest))]
[JsonSerializable(typeof(BindingAnswer))]
[JsonSerializable(typeof(CreateAgentRequest))]
[JsonSerializable(typeof(CreateAgentAnswer))]
[JsonSerializable(typeof(RedeemLinkCodeRequest))]
[JsonSerializable(typeof(RedeemLinkCodeAnswer))]
[JsonSourceGenerationOptions(
    RespectNullableAnnotations = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class AgentsJson : JsonSerializerContext;

using System.Diagnostics.Metrics;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Broker.Ledger;
using Broker.Modules;
using Broker.SigningKeys;

namespace Broker.Capabilities;

/// <summary>Capabilities for workers: one thing, for one actor, for minutes.</summary>
internal sealed class CapabilitiesModule : BrokerModule
{
    public override IReadOnlyList<EntryKind> EntryKinds => [CapabilityRelease.Kind];

    public override IReadOnlyList<StateTable> Tables =>
    [
        new("capabilities/0001-nonces", """
            CREATE TABLE IF NOT EXISTS capability_nonces (
                device_key_hash TEXT NOT NULL,
                nonce           TEXT NOT NULL,
                expires_at      INTEGER NOT NULL,
                PRIMARY KEY (device_key_hash, nonce)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX IF NOT EXISTS capability_nonces_by_expiry ON capability_nonces (expires_at);
            """)
        {
            Expiring = "capability_nonces",
        },
    ];

    public override IJsonTypeInfoResolver Json => CapabilitiesJson.Default;

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        services.AddSingleton<CapabilityProofs>();
        services.AddSingleton(new CapabilitySigner(start.Get<LoadedKeys>().Session));
        services.AddSingleton<IssueCapability>();
    }

    public override void Map(WebApplication app) => MintCapability.Map(app);

    public override IEnumerable<Instrument> Metrics(IServiceProvider services) =>
    [
        services.GetRequiredService<IssueCapability>().Minted, services.GetRequiredService<IssueCapability>().Refused,
    ];

    public override void Note(IServiceProvider services, ILogger log)
    {
        if (services.GetRequiredService<CapabilityOptions>() is { StaticPath: null, Chain: null, Missing: { } why }
            && why.Contains("must be set", StringComparison.Ordinal))
            CapabilityLog.NotConfigured(log, why);
    }
}

/// <summary>What an operator should read of a start.</summary>
internal static partial class CapabilityLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "no capability can be minted: {Reason}")]
    public static partial void NotConfigured(ILogger log, string reason);
}

[JsonSerializable(typeof(CapabilityBody))]
[JsonSerializable(typeof(CapabilityAnswer))]
[JsonSerializable(typeof(CapabilityErrorBody))]
[JsonSourceGenerationOptions(RespectNullableAnnotations = true)]
internal sealed partial class CapabilitiesJson : JsonSerializerContext;

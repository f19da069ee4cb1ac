using System.Diagnostics.Metrics;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.KmsAuthorizer.Ethereum;
using Broker.Ledger;
using Broker.Modules;
using Broker.SigningKeys;

namespace Broker.Capabilities;

/// <summary>Capabilities for workers: one thing, for one actor, for minutes.</summary>
internal sealed class CapabilitiesModule : BrokerModule
{
    /// <summary>One attempt at the chain; four of them, for three calls, stay below a client's patience.</summary>
    private static readonly TimeSpan NodeTimeout = TimeSpan.FromSeconds(5);

    public override IReadOnlyList<Setting> Settings => CapabilitySettings.All;

    public override IReadOnlyList<RefusalCode> Refusals => CapabilityRefusals.All;

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

    public override void Read(ModuleStart start) => start.Read(CapabilityOptions.Read);

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        AddGates(services, start.Get<CapabilityOptions>());
        services.AddSingleton<CapabilityProofs>();
        services.AddSingleton(new CapabilitySigner(start.Get<LoadedKeys>().Session));
        services.AddSingleton<IssueCapability>();
    }

    public override void Map(WebApplication app) => MintCapability.Map(app);

    public override IEnumerable<ReadinessCheck> CheckReadiness(IServiceProvider services)
    {
        if (services.GetService<StaticGates>() is not { } gates) yield break;
        yield return gates.Fault is { } fault
            ? new ReadinessCheck(
                "capability_gates", Readiness.Degraded, $"the file {fault}; the gates before it stay in force")
            : new ReadinessCheck("capability_gates", Readiness.Ready);
    }

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

    private static void AddGates(IServiceCollection services, CapabilityOptions options)
    {
        if (options.StaticPath is not null)
        {
            services.AddSingleton<StaticGates>();
            services.AddSingleton<ICapabilityGates>(provider => provider.GetRequiredService<StaticGates>());
        }
        else if (options.Chain is { } chain)
        {
            services.AddHttpClient(ChainGates.ClientName, client => client.Timeout = NodeTimeout)
                .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false });
            services.AddSingleton<ICapabilityGates>(provider => new ChainGates(
                new JsonRpcClient(
                    provider.GetRequiredService<IHttpClientFactory>().CreateClient(ChainGates.ClientName), chain.Node),
                chain, provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<ChainGates>>()));
        }
        else
        {
            services.AddSingleton<ICapabilityGates>(new NoGates(options.Missing!));
        }
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

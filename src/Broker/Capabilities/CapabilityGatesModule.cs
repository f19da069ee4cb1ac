using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.KmsAuthorizer.Ethereum;
using Broker.Modules;

namespace Broker.Capabilities;

/// <summary>
/// The gates that know devices, scopes and the key epoch, and the check of capabilities by them: for the broker that
/// mints, and for services that take what a broker has minted.
/// </summary>
internal sealed class CapabilityGatesModule : BrokerModule
{
    /// <summary>One attempt at the chain; four of them, for three calls, stay below a client's patience.</summary>
    private static readonly TimeSpan NodeTimeout = TimeSpan.FromSeconds(5);

    public override IReadOnlyList<Setting> Settings => CapabilitySettings.All;

    public override IReadOnlyList<RefusalCode> Refusals =>
        [.. CapabilityRefusals.All, .. CapabilityCheckRefusals.All];

    public override void Read(ModuleStart start)
    {
        start.Read(CapabilityOptions.Read);
        start.Read(boot => new CapabilityCheckOptions(boot.Read(CapabilitySettings.WorkerRequiresProof)));
    }

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        AddGates(services, start.Get<CapabilityOptions>());
        services.AddSingleton<CapabilityCheck>();
    }

    /// <summary>Reads the gates' file now: one that breaks before the first request changes nothing.</summary>
    public override Task ProbeAsync(IServiceProvider services, CancellationToken stop)
    {
        _ = services.GetRequiredService<ICapabilityGates>();
        return Task.CompletedTask;
    }

    public override IEnumerable<ReadinessCheck> CheckReadiness(IServiceProvider services)
    {
        if (services.GetService<StaticGates>() is not { } gates) yield break;
        yield return gates.Fault is { } fault
            ? new ReadinessCheck(
                "capability_gates", Readiness.Degraded, $"the file {fault}; the gates before it stay in force")
            : new ReadinessCheck("capability_gates", Readiness.Ready);
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

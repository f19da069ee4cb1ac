using System.Diagnostics.Metrics;
using System.Text.Json.Serialization.Metadata;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Http;
using Broker.Ledger;
using Broker.Modules;

namespace Broker.Signer;

/// <summary>Wallets that are derived from one master secret and sign for their actors (contract §10).</summary>
internal sealed partial class SignerModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => SignerSettings.All;

    public override IReadOnlyList<RefusalCode> Refusals => SignerRefusals.All;

    public override IReadOnlyList<EntryKind> EntryKinds => [SignatureRelease.Kind];

    public override IJsonTypeInfoResolver Json => SignerJson.Default;

    public override OwnListener? Listener(ModuleStart start) => start.Get<SignerOptions>() is { IsEnabled: true } signer
        ? new OwnListener("signer", signer.Port, SignerRoutes.Prefix)
        : null;

    public override void Read(ModuleStart start) => start.Read(SignerOptions.Read);

    public override void FindFaults(ModuleStart start)
    {
        if (start.Find<SignerOptions>() is not { IsEnabled: true, Port: > 0 and var port }
            || start.Find<ListenOptions>()?.Port != port)
            return;
        start.Faults.Add([BootFault.Of(SignerSettings.Port, $"{port}", "is the port of BROKER_PORT too")]);
    }

    public override void AddServices(IServiceCollection services, ModuleStart start) =>
        services.AddSingleton<SignForActor>();

    public override void Map(WebApplication app)
    {
        if (app.Services.GetRequiredService<SignerOptions>().IsEnabled) SignerRoutes.Map(app);
    }

    public override IEnumerable<ReadinessCheck> CheckReadiness(IServiceProvider services)
    {
        if (services.GetRequiredService<SignerOptions>() is not { IsEnabled: true } signer) yield break;
        yield return signer.Master is null
            ? new ReadinessCheck("signer", Readiness.Degraded, $"{SignerSettings.Master.Name} is not set")
            : new ReadinessCheck("signer", Readiness.Ready);
    }

    public override IEnumerable<Instrument> Metrics(IServiceProvider services) =>
        [services.GetRequiredService<SignForActor>().Signed];

    public override void Note(IServiceProvider services, ILogger log)
    {
        if (services.GetRequiredService<SignerOptions>() is { IsEnabled: true, Master: null })
            LogDisabled(log, SignerSettings.Master.Name);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the signer signs nothing: {Name} is not set")]
    private static partial void LogDisabled(ILogger log, string name);
}

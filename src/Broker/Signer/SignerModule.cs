using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text.Json.Serialization.Metadata;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Grants;
using Broker.Ledger;
using Broker.Ledger.Writing;
using Broker.Modules;
using Broker.Releases;
using Broker.SigningKeys;

namespace Broker.Signer;

/// <summary>Wallets that are derived from one master secret and sign for their actors (contract §10).</summary>
internal sealed partial class SignerModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => SignerSettings.All;

    public override IReadOnlyList<RefusalCode> Refusals => SignerRefusals.All;

    public override IReadOnlyList<EntryKind> EntryKinds => [SignatureRelease.Kind];

    public override IJsonTypeInfoResolver Json => SignerJson.Default;

    public override OwnListener? Listener(ModuleStart start) => start.Get<SignerOptions>() is { IsEnabled: true } signer
        ? new OwnListener("signer", SignerSettings.Port, signer.Port, SignerRoutes.Prefix)
        : null;

    public override void Read(ModuleStart start) => start.Read(SignerOptions.Read);

    public override void FindFaults(ModuleStart start)
    {
        if (start.Find<SignerOptions>() is { IsOfKms: true } && start.Find<KeyFileOptions>() is { KmsFolder: null })
            start.Faults.Add([BootFault.Of(SignerSettings.MasterOfKms, "kms", "needs BROKER_SIGNING_KEYS=kms")]);
    }

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        var options = start.Get<SignerOptions>();
        services.AddSingleton(new SignerMaster(options.IsOfKms ? OfKms(start) : options.Given));
        services.AddSingleton(provider => new SignForActor(
            provider.GetRequiredService<MintBudget>(), provider.GetService<IPathPolicyStore>(),
            provider.GetRequiredService<ReleaseLedger>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<Meter>()));
        services.AddSingleton<SignerQuotes>();
    }

    public override void Map(WebApplication app)
    {
        if (app.Services.GetRequiredService<SignerOptions>().IsEnabled) SignerRoutes.Map(app);
    }

    public override IEnumerable<ReadinessCheck> CheckReadiness(IServiceProvider services)
    {
        if (!services.GetRequiredService<SignerOptions>().IsEnabled) yield break;
        yield return services.GetRequiredService<SignerMaster>().Secret is null
            ? new ReadinessCheck("signer", Readiness.Degraded, $"{SignerSettings.Master.Name} is not set")
            : new ReadinessCheck("signer", Readiness.Ready);
    }

    public override IEnumerable<Instrument> Metrics(IServiceProvider services) =>
        [services.GetRequiredService<SignForActor>().Signed];

    public override void Note(IServiceProvider services, ILogger log)
    {
        if (services.GetRequiredService<SignerOptions>().IsEnabled
            && services.GetRequiredService<SignerMaster>().Secret is null)
            LogDisabled(log, SignerSettings.Master.Name);
    }

    private static MasterSecret OfKms(ModuleStart start)
    {
        var secret = KmsKeys.Load(start.Get<KeyFileOptions>().KmsFolder!).Secret(KmsKeys.SignerPath);
        try
        {
            return new MasterSecret(secret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the signer signs nothing: {Name} is not set")]
    private static partial void LogDisabled(ILogger log, string name);
}

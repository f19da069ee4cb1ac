using Broker.Configuration;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Issuer;
using Broker.Modules;

namespace Broker.SigningKeys;

/// <summary>The keys that sign: OIDC tokens, session tokens, the ledger's checkpoints.</summary>
internal sealed partial class SigningKeysModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => KeySettings.All;

    public override IReadOnlyList<RefusalCode> Refusals => [KeyRefusals.NotOnboarded];

    public override void Read(ModuleStart start) => start.Read(KeyFileOptions.Read);

    public override void FindFaults(ModuleStart start)
    {
        KeyLoading.FindFaults(start, KeyPurpose.All);
        if (start.Find<KeyFileOptions>() is { KmsFolder: not null }
            && start.Faults.Try(() => ProcessParts.Read(start.Boot)) is { Kms: false })
        {
            start.Faults.Add(
                [BootFault.Of(KeySettings.Source, "kms", "needs the KMS in this process: BROKER_MODULES=broker,kms")]);
        }
    }

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        var keys = KeyLoading.Load(start, start.Get<KeyFileOptions>(), start.Get<IssuerOptions>().Issuer);
        start.Keep(keys);
        start.Keep(new LedgerKey(keys.Ledger));
        var session = SessionPublicKey.Of(keys.Session);
        services.AddSingleton(_ => session); // by factory, so that the container disposes it
        services.AddSingleton(keys.Oidc);
        services.AddHostedService<KeyReload>();
    }

    public override void Note(IServiceProvider services, ILogger log)
    {
        foreach (var key in services.GetRequiredService<OidcKeys>().Published.Where(key => key.NotKept is not null))
            LogCertificateNotKept(log, key.NotKept!);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the x5c certificate is made anew at each start: {Reason}")]
    private static partial void LogCertificateNotKept(ILogger log, string reason);
}

using Broker.Foundation.Settings;
using Broker.Issuer;
using Broker.Modules;

namespace Broker.SigningKeys;

/// <summary>The keys that sign: OIDC tokens, session tokens, the ledger's checkpoints.</summary>
internal sealed partial class SigningKeysModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => KeySettings.All;

    public override void Read(ModuleStart start) => start.Read(KeyFileOptions.Read);

    public override void FindFaults(ModuleStart start) => KeyLoading.FindFaults(start, KeyPurpose.All);

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        var keys = KeyLoading.Load(start, start.Get<KeyFileOptions>(), start.Get<IssuerOptions>().Issuer);
        start.Keep(keys);
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

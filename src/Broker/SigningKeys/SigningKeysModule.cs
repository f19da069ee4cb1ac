using Broker.Configuration;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Issuer;
using Broker.Modules;
using Broker.Storage;

namespace Broker.SigningKeys;

/// <summary>The keys that sign: OIDC tokens, session tokens, the ledger's checkpoints.</summary>
internal sealed partial class SigningKeysModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => KeySettings.All;

    public override IReadOnlyList<RefusalCode> Refusals => [KeyRefusals.NotOnboarded];

    public override IReadOnlyList<StateTable> Tables =>
    [
        new("keys/0001-versions", """
            CREATE TABLE IF NOT EXISTS key_versions (
                purpose      TEXT NOT NULL,
                version      INTEGER NOT NULL,
                key_id       TEXT NOT NULL,
                announced_at INTEGER NOT NULL,
                signs_at     INTEGER NOT NULL,
                withdrawn_at INTEGER,
                succession   TEXT,
                PRIMARY KEY (purpose, version)
            ) STRICT;
            """),
    ];

    public override void Read(ModuleStart start) => start.Read(KeyFileOptions.Read);

    public override void FindFaults(ModuleStart start)
    {
        KeyLoading.FindFaults(start, KeyPurpose.All);
        if (start.Boot.IsSet(KeySettings.SessionPublicKeyFile))
            start.Faults.Try(() => ServiceKeysModule.LoadPublicKeys(start.Boot));
        if (start.Find<KeyFileOptions>() is { KmsFolder: not null }
            && start.Faults.Try(() => ProcessParts.Read(start.Boot)) is { Kms: false })
        {
            start.Faults.Add(
                [BootFault.Of(KeySettings.Source, "kms", "needs the KMS in this process: BROKER_MODULES=broker,kms")]);
        }
    }

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        var versions = new SqliteKeyVersions(start.Get<StateDatabase>());
        var keys = KeyLoading.Load(start, start.Get<KeyFileOptions>(), versions, start.Get<IssuerOptions>().Issuer);
        start.Keep(keys);
        start.Keep(keys.Ledger);
        services.AddSingleton(keys.Oidc);
        services.AddSingleton(keys.Session);
        services.AddSingleton<ISessionVerifier>(keys.Session);
        services.AddSingleton(keys.Ledger);
        services.AddSingleton(keys.Lines);
        services.AddSingleton<IKeyVersions>(versions);
        foreach (var changing in keys.All) services.AddSingleton(changing);
        services.AddSingleton<KeyReload>();
        services.AddHostedService(provider => provider.GetRequiredService<KeyReload>());
    }

    public override void Note(IServiceProvider services, ILogger log)
    {
        foreach (var key in services.GetRequiredService<OidcKeys>().Published.Where(key => key.NotKept is not null))
            LogCertificateNotKept(log, key.NotKept!);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the x5c certificate is made anew at each start: {Reason}")]
    private static partial void LogCertificateNotKept(ILogger log, string reason);
}

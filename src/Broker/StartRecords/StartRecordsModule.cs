using Broker.Kms.Configuration;
using Broker.Ledger;
using Broker.Modules;
using Broker.SigningKeys;

namespace Broker.StartRecords;

/// <summary>Starts with changed settings go on record. The last module: what stops a start comes before it.</summary>
internal sealed class StartRecordsModule : BrokerModule
{
    public override IReadOnlyList<EntryKind> EntryKinds => [RecordStart.Kind];

    public override IReadOnlyList<StateTable> Tables =>
    [
        new("starts/0001-last-settings", """
            CREATE TABLE IF NOT EXISTS last_start_settings (
                name   TEXT PRIMARY KEY,
                digest TEXT NOT NULL
            ) STRICT;
            """),
    ];

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        var settings = start.Modules.SelectMany(module => module.Settings).Concat(KmsSettings.All);
        services.AddSingleton(SettingDigests.Of(start.Boot, settings, start.Get<LedgerKeys>().First));
        services.AddSingleton<ILastStart, SqliteLastStart>();
        services.AddSingleton<RecordStart>();
    }

    public override Task ProbeAsync(IServiceProvider services, CancellationToken stop) =>
        services.GetRequiredService<RecordStart>().RunAsync();
}

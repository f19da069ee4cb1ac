using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Modules;
using Microsoft.Data.Sqlite;

namespace Broker.Storage;

/// <summary>The data folder and the state database.</summary>
internal sealed class StorageModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => StorageSettings.All;

    public override IReadOnlyList<RefusalCode> Refusals => StorageRefusals.All;

    public override void Read(ModuleStart start) => start.Read(StorageOptions.Read);

    public override void FindFaults(ModuleStart start) => start.Faults.Try(() => DataFolder.Check(start.Boot));

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        DataFolder.Prepare(start.Boot);
        StateTable[] tables = [.. start.Modules.SelectMany(module => module.Tables)];
        var database = StateDatabase.Open(start.Get<StorageOptions>().StatePath, tables);
        start.Keep(database);
        services.AddSingleton(database);
        services.AddSingleton<ExpiryHorizon>();
        services.AddHostedService(provider => ActivatorUtilities.CreateInstance<StateCleaning>(provider, [tables]));
    }

    public override Refusal? Explain(Exception fault) => fault is SqliteException
        ? new Refusal(StorageRefusals.StateUnavailable, "the state database cannot be used now")
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        }
        : null;
}

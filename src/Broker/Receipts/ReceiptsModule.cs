using Broker.Foundation.Settings;
using Broker.Ledger;
using Broker.Modules;

namespace Broker.Receipts;

/// <summary>Reading the ledger: the tree for anyone, entries and proofs for whom they concern.</summary>
internal sealed class ReceiptsModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => ReceiptSettings.All;

    public override IReadOnlyList<EntryKind> EntryKinds => [ReadEntries.Kind];

    public override void Read(ModuleStart start) => start.Read(ReceiptOptions.Read);

    public override void FindFaults(ModuleStart start)
    {
        if (start.Find<ReceiptOptions>() is { } options)
            start.Faults.Try(() => OperatorToken.Load(options.OperatorTokenFile));
    }

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        services.AddSingleton(OperatorToken.Load(start.Get<ReceiptOptions>().OperatorTokenFile));
        services.AddSingleton<EntryReader>();
        services.AddHttpClient(Witnessing.ClientName, client => client.Timeout = TimeSpan.FromSeconds(10))
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false, // a witness is asked at its own address and nowhere else
            });
        services.AddSingleton<Witnessing>();
        services.AddHostedService(provider => provider.GetRequiredService<Witnessing>());
    }

    public override void Map(WebApplication app)
    {
        PublicLog.Map(app);
        ReadEntries.Map(app);
    }
}

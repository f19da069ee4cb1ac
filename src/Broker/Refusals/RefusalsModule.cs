using Broker.Foundation.Results;
using Broker.Modules;

namespace Broker.Refusals;

/// <summary>The records of what was refused.</summary>
internal sealed class RefusalsModule : BrokerModule
{
    public override IReadOnlyList<RefusalCode> Refusals => BudgetRefusals.All;

    public override void AddServices(IServiceCollection services, ModuleStart start) =>
        services.AddSingleton<RefusalRecords>().AddSingleton<Attempts>();
}

using Broker.Modules;

namespace Broker.Operations;

/// <summary>Asks every part of the house whether it can do its work now.</summary>
internal sealed class ReadinessChecks(
    IReadOnlyList<BrokerModule> modules, Tier2Checks tier2, IServiceProvider services)
{
    /// <summary>Each part's word, in the order of the modules; what they depend on elsewhere comes last.</summary>
    public ReadinessCheck[] Ask() =>
        [.. modules.SelectMany(module => module.CheckReadiness(services)), .. tier2.All];
}

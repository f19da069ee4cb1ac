using System.Diagnostics.Metrics;
using Broker.Metrics;

namespace Broker.Grants;

/// <summary>What became of grants.</summary>
internal sealed class GrantMetrics(Meter meter)
{
    /// <summary>Those that were made.</summary>
    public Counter<long> Created { get; } = meter.Counter("agentkeys_broker_grants_created_total", "Grants made.");

    /// <summary>Those that were ended by their master, on record.</summary>
    public Counter<long> Revoked { get; } =
        meter.Counter("agentkeys_broker_grants_revoked_total", "Grants ended by their master.");

    /// <summary>Uses, whether or not one was given back.</summary>
    public Counter<long> Used { get; } = meter.Counter("agentkeys_broker_grant_uses_total", "Uses of grants taken.");

    /// <summary>Uses for which nothing was released.</summary>
    public Counter<long> GivenBack { get; } = meter.Counter(
        "agentkeys_broker_grant_uses_given_back_total", "Uses of grants given back: nothing was released for them.");

    public IReadOnlyList<Instrument> All => [Created, Revoked, Used, GivenBack];
}

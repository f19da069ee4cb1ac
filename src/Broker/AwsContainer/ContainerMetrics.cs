using System.Diagnostics.Metrics;
using Broker.Metrics;
using Broker.Releases;

namespace Broker.AwsContainer;

/// <summary>How long SDKs wait for their credentials.</summary>
internal sealed class ContainerMetrics(MintMetrics mints, Meter meter)
{
    public Histogram<double> Seconds { get; } = meter.Durations(
        "agentkeys_broker_container_credentials_seconds", "Time to answer GET /v1/aws/credentials.");

    public MintMetrics.Timer Time() => mints.Time(Seconds);
}

using System.Diagnostics;
using Broker.Metrics;

namespace Broker.Releases;

/// <summary>How many credentials were released, and how many requests ended without one.</summary>
internal sealed class MintMetrics
{
    private readonly Counter _mints = new("agentkeys_broker_mints_total", "Credentials released, of every kind.");
    private readonly Counter _failed =
        new("agentkeys_broker_mints_failed_total", "Mint requests that ended without a credential.");

    public IReadOnlyList<IMetric> All => [_mints, _failed];

    /// <summary>Times one mint until it is disposed; it counts as failed unless it says that it succeeded.</summary>
    public Timer Time(Histogram seconds) => new(this, seconds);

    internal sealed class Timer(MintMetrics metrics, Histogram seconds) : IDisposable
    {
        private readonly long _started = Stopwatch.GetTimestamp();
        private bool _succeeded;

        public void Succeeded() => _succeeded = true;

        public void Dispose()
        {
            (_succeeded ? metrics._mints : metrics._failed).Add();
            seconds.Observe(Stopwatch.GetElapsedTime(_started));
        }
    }
}

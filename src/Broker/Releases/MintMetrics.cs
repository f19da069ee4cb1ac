using System.Diagnostics;
using System.Diagnostics.Metrics;
using Broker.Metrics;

namespace Broker.Releases;

/// <summary>How many credentials were released, and how many requests ended without one.</summary>
internal sealed class MintMetrics(Meter meter)
{
    private readonly Counter<long> _mints =
        meter.Counter("agentkeys_broker_mints_total", "Credentials released, of every kind.");
    private readonly Counter<long> _failed =
        meter.Counter("agentkeys_broker_mints_failed_total", "Mint requests that ended without a credential.");

    public IReadOnlyList<Instrument> All => [_mints, _failed];

    /// <summary>Times one mint until it is disposed; it counts as failed unless it says that it succeeded.</summary>
    public Timer Time(Histogram<double> seconds) => new(this, seconds);

    internal sealed class Timer(MintMetrics metrics, Histogram<double> seconds) : IDisposable
    {
        private readonly long _started = Stopwatch.GetTimestamp();
        private bool _succeeded;

        public void Succeeded() => _succeeded = true;

        public void Dispose()
        {
            (_succeeded ? metrics._mints : metrics._failed).Add(1);
            seconds.Record(Stopwatch.GetElapsedTime(_started).TotalSeconds);
        }
    }
}

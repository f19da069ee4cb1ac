using System.Collections.Concurrent;
using Broker.LocalCloud.Http;

namespace Broker.LocalCloud.Faults;

/// <summary>The faults in force: at most one for each part, changed while the cloud runs.</summary>
public sealed class InjectedFaults(TimeProvider clock)
{
    private readonly ConcurrentDictionary<CloudPart, Fault> _faults = new();

    /// <summary>From now on the part fails like this, until <see cref="Clear"/>.</summary>
    public void Inject(Fault fault) => _faults[fault.Part] = fault;

    public void Clear(CloudPart part) => _faults.TryRemove(part, out _);

    /// <summary>Waits if the part is slow.</summary>
    /// <returns>The refusal to answer with, or null to go on.</returns>
    internal async Task<AwsRefusal?> StrikeAsync(CloudPart part, CancellationToken stop)
    {
        if (!_faults.TryGetValue(part, out var fault)) return null;
        if (fault.Kind == FaultKind.Slow)
        {
            await Task.Delay(fault.Delay, clock, stop);
            return null;
        }

        if (fault.Kind == FaultKind.Error) return new(500, "InternalFailure", "injected by the local cloud");
        return part == CloudPart.S3
            ? new(503, "SlowDown", "injected by the local cloud")
            : new(400, "Throttling", "Rate exceeded (injected by the local cloud)");
    }
}

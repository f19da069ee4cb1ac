using Broker.Attestation.Collateral;
using Broker.Attestation.Verification;
using Microsoft.Extensions.Logging;

namespace Broker.Kms.Tls;

/// <summary>
/// Says loudly, and at most once a minute, that collateral cannot be had: evidence cannot be judged without it, and
/// revocations are not seen.
/// </summary>
internal sealed partial class WatchedCollateral(ILogger<WatchedCollateral> log, TimeProvider time)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private readonly Lock _turn = new();
    private long? _told;

    /// <summary>The same source, whose failures are told.</summary>
    public ICollateralSource Watch(ICollateralSource source) => new Watched(source, this);

    /// <summary>What is held goes on being served, but nothing newer comes.</summary>
    public void ReportStale(CollateralKey key, string fault)
    {
        if (MayTell()) LogStale(key, fault);
    }

    private void ReportMissing(CollateralKey key, string fault)
    {
        if (MayTell()) LogMissing(key, fault);
    }

    private bool MayTell()
    {
        lock (_turn)
        {
            if (_told is { } before && time.GetElapsedTime(before) < Quiet) return false;
            _told = time.GetTimestamp();
            return true;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Collateral for {Key} cannot be refreshed, so revocations are not seen: {Fault}")]
    private partial void LogStale(CollateralKey key, string fault);

    [LoggerMessage(LogLevel.Error, "No collateral for {Key}, so evidence of such machines is refused: {Fault}")]
    private partial void LogMissing(CollateralKey key, string fault);

    private sealed class Watched(ICollateralSource source, WatchedCollateral watch) : ICollateralSource
    {
        public async Task<PreparedCollateral> GetAsync(CollateralKey key, CancellationToken stop)
        {
            try
            {
                return await source.GetAsync(key, stop);
            }
            catch (CollateralUnavailableException unavailable)
            {
                watch.ReportMissing(key, unavailable.Message);
                throw;
            }
        }
    }
}

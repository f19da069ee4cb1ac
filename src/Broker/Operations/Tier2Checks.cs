using Broker.Aws;
using Broker.Configuration;
using Broker.Sessions;

namespace Broker.Operations;

/// <summary>
/// Tier 2 (contract §6.2): what the broker depends on elsewhere. It starts without them, tries every 15 seconds until
/// the first success, and shows the state in <c>/readyz</c>. With <c>BROKER_REFUSE_TO_BOOT_STRICT=true</c> a failure at
/// the first try ends the process instead.
/// </summary>
internal sealed partial class Tier2Checks(
    IServiceProvider services, IStsClient sts, BrokerOptions options, StartupChoices choices, TimeProvider time,
    IHostApplicationLifetime lifetime, ILogger<Tier2Checks> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan BackendTimeout = TimeSpan.FromSeconds(3);

    private volatile ReadinessCheck _backend =
        new("tier2/backend", Readiness.Unready, "BROKER_BACKEND_URL/healthz not yet reachable since boot");
    private volatile ReadinessCheck _sts = choices.SkipStartupCheck
        ? new("tier2/sts", Readiness.Ready)
        : new("tier2/sts", Readiness.Unready, "sts:GetCallerIdentity has not succeeded since boot");

    public ReadinessCheck Backend => _backend;

    public ReadinessCheck Sts => _sts;

    /// <summary>True when every tier-2 dependency answered at least once.</summary>
    private bool AllReady => Pending().All(check => check.Status == Readiness.Ready);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            await TryOnceAsync(stoppingToken);
            if (AllReady) return;
            foreach (var check in Pending().Where(check => check.Status != Readiness.Ready))
                LogNotReady(log, check.Name, check.Reason);
            if (!options.Operations.RefuseToBootStrict) continue;
            LogRefusing(log);
            Environment.ExitCode = 1;
            lifetime.StopApplication();
            return;
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private IEnumerable<ReadinessCheck> Pending()
    {
        if (options.Backend is not null) yield return _backend;
        if (options.Aws.Mode == StsMode.AssumeRole) yield return _sts;
    }

    private async Task TryOnceAsync(CancellationToken stop)
    {
        if (options.Backend is not null && _backend.Status != Readiness.Ready
            && await services.GetRequiredService<LegacyBackend>().IsHealthyAsync(BackendTimeout, stop))
            _backend = new ReadinessCheck("tier2/backend", Readiness.Ready);

        if (options.Aws.Mode != StsMode.AssumeRole || _sts.Status == Readiness.Ready) return;
        var identity = await sts.CallerIdentityAsync(stop);
        _sts = identity.Refusal is { } refusal
            ? new ReadinessCheck("tier2/sts", Readiness.Unready, refusal.Detail)
            : new ReadinessCheck("tier2/sts", Readiness.Ready);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Check} is not ready: {Reason}")]
    private static partial void LogNotReady(ILogger log, string check, string reason);

    [LoggerMessage(Level = LogLevel.Critical, Message = "BROKER_REFUSE_TO_BOOT_STRICT is set: stopping")]
    private static partial void LogRefusing(ILogger log);
}

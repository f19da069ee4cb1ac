using Broker.Modules;

namespace Broker.Operations;

/// <summary>
/// Asks what the modules depend on elsewhere, every 15 seconds until the first success of each. With
/// <c>BROKER_REFUSE_TO_BOOT_STRICT=true</c> a failure at the first try ends the process instead.
/// </summary>
internal sealed partial class Tier2Checks : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    private readonly (Dependency Dependency, ReadinessCheck Check)[] _checks;
    private readonly OperationsOptions _options;
    private readonly TimeProvider _time;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger _log;

    public Tier2Checks(
        IReadOnlyList<BrokerModule> modules, IServiceProvider services, OperationsOptions options, TimeProvider time,
        IHostApplicationLifetime lifetime, ILogger<Tier2Checks> log)
    {
        (_options, _time, _lifetime, _log) = (options, time, lifetime, log);
        _checks = [.. modules.SelectMany(module => module.Dependencies(services)).Select(one => (one, one.IsTrusted
            ? new ReadinessCheck(one.Name, Readiness.Ready)
            : new ReadinessCheck(one.Name, Readiness.Unready, one.Unseen)))];
    }

    /// <summary>What each dependency said last.</summary>
    public IEnumerable<ReadinessCheck> All => _checks.Select(one => one.Check);

    private IEnumerable<ReadinessCheck> Pending => All.Where(check => check.Status != Readiness.Ready);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        do
        {
            await TryOnceAsync(stoppingToken);
            if (!Pending.Any()) return;
            foreach (var check in Pending) LogNotReady(_log, check.Name, check.Reason);
            if (!_options.RefuseToBootStrict) continue;
            LogRefusing(_log);
            Environment.ExitCode = 1;
            _lifetime.StopApplication();
            return;
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task TryOnceAsync(CancellationToken stop)
    {
        for (var i = 0; i < _checks.Length; i++)
        {
            var (dependency, check) = _checks[i];
            if (check.Status == Readiness.Ready) continue;
            _checks[i].Check = await dependency.TryAsync(stop) is { } reason
                ? check with { Reason = reason }
                : new ReadinessCheck(dependency.Name, Readiness.Ready);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Check} is not ready: {Reason}")]
    private static partial void LogNotReady(ILogger log, string check, string reason);

    [LoggerMessage(Level = LogLevel.Critical, Message = "BROKER_REFUSE_TO_BOOT_STRICT is set: stopping")]
    private static partial void LogRefusing(ILogger log);
}

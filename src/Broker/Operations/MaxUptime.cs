
namespace Broker.Operations;

/// <summary>
/// Ends the process cleanly, exit code 0, after <c>BROKER_MAX_UPTIME_SECONDS</c>; the unit's <c>Restart=always</c>
/// starts it afresh. Requests under way finish first.
/// </summary>
internal sealed partial class MaxUptime(
    OperationsOptions options, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<MaxUptime> log)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.MaxUptime == TimeSpan.Zero) return;
        await Task.Delay(options.MaxUptime, time, stoppingToken);
        LogReached(log, options.MaxUptime);
        lifetime.StopApplication();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "up for {Uptime}: stopping cleanly, to be started afresh")]
    private static partial void LogReached(ILogger log, TimeSpan uptime);
}

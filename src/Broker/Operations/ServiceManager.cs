using System.Globalization;
using Microsoft.Extensions.Hosting.Systemd;

namespace Broker.Operations;

/// <summary>
/// Tells systemd when the process listens, that it lives, and that it stops (sd_notify(3)), where a unit of
/// <c>Type=notify</c> asks for that. The package's own <c>AddSystemd</c> asks for the name of the parent process first,
/// which <c>ProtectProc=invisible</c> hides: it would say nothing, and systemd would end the service after its start's
/// time. Compiled into the authorizer too.
/// </summary>
internal static class ServiceManager
{
    /// <param name="isWholeLife">False for a host that another one follows in the same process: to systemd, a service
    /// that says that it stops has to end within its time to stop.</param>
    public static void AddServiceManager(this IServiceCollection services, bool isWholeLife = true)
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not { Length: > 0 }) return;
        var notifier = new SystemdNotifier();
        services.AddSingleton<ISystemdNotifier>(isWholeLife ? notifier : new UnstoppedNotifier(notifier));
        services.AddSingleton<IHostLifetime, SystemdLifetime>();
        if (Interval() is { } interval)
            services.AddSingleton<IHostedService>(_ => new Watchdog(notifier, interval));
    }

    /// <summary>
    /// A third of the unit's <c>WatchdogSec</c>, so that one late message ends nobody; null where there is none, or it
    /// is another process's (sd_watchdog_enabled(3)).
    /// </summary>
    private static TimeSpan? Interval()
    {
        if (Environment.GetEnvironmentVariable("WATCHDOG_PID") is { Length: > 0 } process
            && process != Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
            return null;
        var given = Environment.GetEnvironmentVariable("WATCHDOG_USEC");
        return long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds)
            && TimeSpan.FromMicroseconds(microseconds) / 3 is var interval && interval >= TimeSpan.FromMilliseconds(1)
            ? interval
            : null;
    }

    /// <summary>
    /// Says <c>WATCHDOG=1</c> from the thread pool, which serves the requests too: where no thread gets its turn, or
    /// the runtime hangs, the message is missing, and systemd starts the service afresh.
    /// </summary>
    private sealed class Watchdog(SystemdNotifier notifier, TimeSpan interval) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            using var timer = new PeriodicTimer(interval);
            while (await timer.WaitForNextTickAsync(stoppingToken)) notifier.Notify(new ServiceState("WATCHDOG=1"));
        }
    }

    /// <summary>Passes on everything but that the service stops.</summary>
    private sealed class UnstoppedNotifier(SystemdNotifier notifier) : ISystemdNotifier
    {
        public bool IsEnabled => notifier.IsEnabled;

        public void Notify(ServiceState state)
        {
            if (!state.Equals(ServiceState.Stopping)) notifier.Notify(state);
        }
    }
}

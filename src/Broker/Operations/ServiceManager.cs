using Microsoft.Extensions.Hosting.Systemd;

namespace Broker.Operations;

/// <summary>
/// Tells systemd when the process listens and that it stops (sd_notify(3)), where a unit of <c>Type=notify</c> asks for
/// that. The package's own <c>AddSystemd</c> asks for the name of the parent process first, which
/// <c>ProtectProc=invisible</c> hides: it would say nothing, and systemd would end the service after its start's time.
/// </summary>
internal static class ServiceManager
{
    public static void AddServiceManager(this IServiceCollection services)
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not { Length: > 0 }) return;
        services.AddSingleton<ISystemdNotifier, SystemdNotifier>();
        services.AddSingleton<IHostLifetime, SystemdLifetime>();
    }
}

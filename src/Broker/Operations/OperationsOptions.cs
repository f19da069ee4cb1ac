using Broker.Foundation.Settings;
using Serilog.Events;

namespace Broker.Operations;

/// <summary>How the process lives, and what it tells.</summary>
internal sealed record OperationsOptions(
    bool RefuseToBootStrict, TimeSpan ShutdownGrace, TimeSpan MaxUptime, bool MetricsEnabled, LogEventLevel LogLevel,
    string LogFormat)
{
    public static OperationsOptions Read(BootEnvironment boot) => new(
        boot.Read(OperationsSettings.RefuseToBootStrict),
        boot.Read(OperationsSettings.ShutdownGrace),
        boot.Read(OperationsSettings.MaxUptime),
        boot.Read(OperationsSettings.MetricsEnabled),
        boot.Read(OperationsSettings.LogLevel),
        boot.Read(OperationsSettings.LogFormat));
}

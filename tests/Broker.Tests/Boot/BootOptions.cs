using Broker.Foundation.Settings;
using Broker.Modules;

namespace Broker.Tests.Boot;

/// <summary>The options of a start with these settings, as the modules read them.</summary>
internal static class BootOptions
{
    /// <exception cref="BootFailException">The settings are wrong.</exception>
    public static ModuleStart Of(params (string Name, string Value)[] settings)
    {
        var boot = BootFailure.Environment(settings);
        var start = BrokerHost.Read(
            new ModuleStart(boot, new StartupChoices(), TimeProvider.System, BrokerModules.All));
        start.Faults.ThrowIfAny();
        return start;
    }
}

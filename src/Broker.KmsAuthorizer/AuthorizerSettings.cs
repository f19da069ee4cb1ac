using System.Net;
using Broker.Foundation.Settings;
using Broker.KmsAuthorizer.Configuration;
using Broker.KmsAuthorizer.Ethereum;

namespace Broker.KmsAuthorizer;

/// <summary>Where to listen and who decides.</summary>
internal sealed record AuthorizerSettings(IPAddress Bind, int Port, BackendSettings Backend)
{
    /// <summary>Reads the settings of the backend that decides; those of the other may say what they like.</summary>
    /// <param name="arguments"><c>--bind ADDRESS</c> and <c>--port PORT</c>, which win over the environment.</param>
    /// <exception cref="BootFailException">Arguments or settings are wrong; it names all of them.</exception>
    public static AuthorizerSettings Read(IReadOnlyList<string> arguments, BootEnvironment boot)
    {
        boot = WithArguments(arguments, boot);
        var faults = new BootFaults();
        var bind = faults.Try(() => boot.Read(Variables.Bind));
        var port = faults.Try(() => boot.Read(Variables.Port));
        var backend = faults.Try(() => ReadBackend(boot));
        faults.ThrowIfAny();
        return new AuthorizerSettings(bind!, port, backend!);
    }

    private static BackendSettings ReadBackend(BootEnvironment boot) => boot.Read(Variables.Backend) == "ethereum"
        ? EthereumSettings.Read(boot)
        : new PolicyFileSettings(boot.Read(Variables.ConfigPath));

    private static BootEnvironment WithArguments(IReadOnlyList<string> arguments, BootEnvironment boot)
    {
        for (var i = 0; i < arguments.Count; i += 2)
        {
            Setting? setting = arguments[i] switch
            {
                "--bind" => Variables.Bind,
                "--port" => Variables.Port,
                _ => null,
            };
            if (setting is null || i + 1 == arguments.Count)
            {
                var shown = BootFault.Shown(arguments[i], isAddress: false);
                throw new BootFailException(
                    [new BootFault("argument", shown, "--help lists what is accepted", Variables.Anchor)]);
            }

            boot = boot.With(setting, arguments[i + 1]);
        }

        return boot;
    }
}

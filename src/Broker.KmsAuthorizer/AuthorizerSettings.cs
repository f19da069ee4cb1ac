using System.Globalization;
using System.Net;
using Broker.KmsAuthorizer.Configuration;
using Broker.KmsAuthorizer.Ethereum;

namespace Broker.KmsAuthorizer;

/// <summary>Where to listen and who decides.</summary>
internal sealed record AuthorizerSettings(IPAddress Bind, int Port, BackendSettings Backend)
{
    /// <summary>The settings, or every fault found in them.</summary>
    /// <param name="arguments"><c>--bind ADDRESS</c> and <c>--port PORT</c>, which win over the environment.</param>
    /// <param name="environment">A variable's value by name; null or empty where unset.</param>
    public static SettingsReading Read(IReadOnlyList<string> arguments, Func<string, string?> environment)
    {
        var commandLine = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < arguments.Count; i += 2)
        {
            var variable = arguments[i] switch
            {
                "--bind" => Variables.Bind,
                "--port" => Variables.Port,
                _ => null,
            };
            if (variable is null || i + 1 == arguments.Count)
                return SettingsReading.Failed(new BootFault("argument", arguments[i], "--help lists what is accepted"));
            commandLine[variable.Name] = arguments[i + 1];
        }

        var source = new SettingsSource(commandLine, environment);
        var bind = source.Read<IPAddress>(Variables.Bind, ParseAddress);
        var port = source.Read<int>(Variables.Port, ParsePort);
        var backend = source.Text(Variables.Backend) switch
        {
            "config" => ReadPolicyFile(source),
            "ethereum" => EthereumSettings.Read(source),
            _ => Unknown(source),
        };
        return source.Faults.Count > 0 || bind is null || backend is null
            ? SettingsReading.Failed([.. source.Faults])
            : new SettingsReading(new AuthorizerSettings(bind, port, backend), []);
    }

    /// <summary>A file that is missing may come; a folder or something that is no path never is a policy.</summary>
    private static PolicyFileSettings? ReadPolicyFile(SettingsSource source)
    {
        var path = source.Text(Variables.ConfigPath)!;
        if (!path.Any(char.IsControl) && !Directory.Exists(path)) return new PolicyFileSettings(path);
        source.Refuse(Variables.ConfigPath);
        return null;
    }

    private static BackendSettings? Unknown(SettingsSource source)
    {
        source.Refuse(Variables.Backend);
        return null;
    }

    private static bool ParseAddress(string text, out IPAddress address)
    {
        // "localhost" is what people write; the reference accepts it.
        var parsed = text == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(text, out var ip) ? ip : null;
        address = parsed ?? IPAddress.None;
        return parsed is not null;
    }

    private static bool ParsePort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= IPEndPoint.MaxPort;
}

/// <summary>Settings, or why there are none.</summary>
internal sealed record SettingsReading(AuthorizerSettings? Value, IReadOnlyList<BootFault> Faults)
{
    public static SettingsReading Failed(params BootFault[] faults) => new(null, faults);
}

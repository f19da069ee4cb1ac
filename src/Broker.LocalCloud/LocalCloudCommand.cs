using System.CommandLine;
using System.Net;
using Broker.LocalCloud.Configuration;
using Broker.LocalCloud.Faults;
using Broker.LocalCloud.Http;

namespace Broker.LocalCloud;

/// <summary>The command line. A wrong option or configuration ends with one line on stderr and exit code 1.</summary>
internal static class LocalCloudCommand
{
    /// <summary>
    /// The daemon user's key, where it is not to be made up. Secrets do not belong on a command line.
    /// </summary>
    public const string DaemonKeyIdVariable = "LOCALCLOUD_DAEMON_ACCESS_KEY_ID";
    public const string DaemonSecretVariable = "LOCALCLOUD_DAEMON_SECRET_ACCESS_KEY";

    private static readonly Option<IPAddress> Bind = new("--bind")
    {
        Description = "the loopback address to listen on",
        CustomParser = result =>
        {
            if (IPAddress.TryParse(result.Tokens[0].Value, out var address)) return address;
            result.AddError($"--bind: \"{result.Tokens[0].Value}\" is not an IP address");
            return null;
        },
        DefaultValueFactory = _ => IPAddress.Loopback,
    };

    private static readonly Option<int> Port = new("--port")
    {
        Description = "the port; 0 takes a free one",
        DefaultValueFactory = _ => LocalCloudOptions.DefaultPort,
    };

    private static readonly Option<string> Issuer = new("--issuer")
    {
        Description = "the issuer that the built-in account trusts",
        DefaultValueFactory = _ => new LocalCloudOptions().Issuer,
    };

    private static readonly Option<FileInfo?> Config = new("--config")
    {
        Description = "a file with the account's providers, roles, users and buckets, in place of the built-in one",
    };

    private static readonly Option<DirectoryInfo?> Data = new("--data")
    {
        Description = "a folder that keeps the objects and the users' keys; without it everything is in memory",
    };

    private static readonly Option<Fault[]> FaultOption = new("--fault")
    {
        Description = "fail on purpose: " + Fault.Grammar,
        CustomParser = result =>
        {
            var faults = result.Tokens.Select(token => Fault.Parse(token.Value)).ToArray();
            if (!faults.Contains(null)) return faults!;
            result.AddError($"--fault takes {Fault.Grammar}");
            return [];
        },
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<bool> PrintConfig = new("--print-config")
    {
        Description = "print the built-in account as a configuration file and end",
    };

    private static readonly Option<bool> Quiet = new("--quiet") { Description = "no line for each request" };

    public static RootCommand Create()
    {
        var command = new RootCommand(AboutRoutes.Warning)
        {
            Bind, Port, Issuer, Config, Data, FaultOption, PrintConfig, Quiet,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult given, CancellationToken stop)
    {
        var output = given.InvocationConfiguration.Output;
        if (given.GetValue(PrintConfig))
        {
            await output.WriteLineAsync(QuickstartCloud.Json(given.GetValue(Issuer)!));
            return 0;
        }

        try
        {
            var options = await ReadAsync(given, stop);
            await using var cloud = await LocalCloudHost.StartAsync(options, stop);
            await output.WriteLineAsync(AboutRoutes.Warning);
            if (options.DataFolder is { } folder)
                await output.WriteLineAsync($"The users' keys are in {UserKeyFile.Write(folder, cloud.AccessKeys)}");
            await output.WriteLineAsync($"Listening on {cloud.BaseAddress}");
            await cloud.WaitForShutdownAsync(stop);
            return 0;
        }
        catch (Exception wrong) when (
            wrong is LocalCloudConfigurationException or IOException or UnauthorizedAccessException)
        {
            await given.InvocationConfiguration.Error.WriteLineAsync($"local cloud: {wrong.Message}");
            return 1;
        }
    }

    private static async Task<LocalCloudOptions> ReadAsync(ParseResult given, CancellationToken stop) => new()
    {
        Bind = given.GetValue(Bind)!,
        Port = given.GetValue(Port) is var port and >= 0 and <= 65535
            ? port
            : throw new LocalCloudConfigurationException("--port is 0 to 65535"),
        Issuer = given.GetValue(Issuer)!,
        Configuration = given.GetValue(Config) is { } file ? await File.ReadAllTextAsync(file.FullName, stop) : null,
        DataFolder = given.GetValue(Data)?.FullName,
        Faults = given.GetValue(FaultOption) ?? [],
        DaemonKey = DaemonKey(),
        LogRequests = !given.GetValue(Quiet),
    };

    private static LocalCloudAccessKey? DaemonKey()
    {
        var id = Environment.GetEnvironmentVariable(DaemonKeyIdVariable);
        var secret = Environment.GetEnvironmentVariable(DaemonSecretVariable);
        if (string.IsNullOrEmpty(id) != string.IsNullOrEmpty(secret))
            throw new LocalCloudConfigurationException(
                $"set {DaemonKeyIdVariable} and {DaemonSecretVariable} together");
        return string.IsNullOrEmpty(id) ? null : new(id, secret!);
    }
}

using System.CommandLine;
using Broker.Cli.Client;
using Broker.Cli.Sessions;
using Broker.Cli.Terminal;

namespace Broker.Cli.Credentials;

/// <summary><c>brokerctl creds</c>: prints AWS credentials for a shell, a file, or a client of AWS.</summary>
internal static class CredsCommand
{
    public static Command Create()
    {
        var format = new Option<string>("--format")
        {
            Description = "eval \"$(brokerctl creds)\" for env; credential-process keeps what it got, so that the AWS "
                + "command line does not mint at each command",
            DefaultValueFactory = _ => "env",
        };
        format.AcceptOnlyFromAmong(CredentialFormat.Names);
        var fresh = new Option<bool>("--no-cache") { Description = "credential-process: mint in any case" };
        var shared = new ClientOptions();
        var wanted = new CredentialOptions();
        var command = new Command("creds", "Print AWS credentials") { format, fresh };
        wanted.AddTo(command);
        shared.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var url = shared.Address(parsed);
            var wish = wanted.Wish(parsed);
            var chosen = shared.IsJson(parsed) && parsed.GetResult(format) is not { Implicit: false }
                ? "json"
                : parsed.GetValue(format)!;
            var token = await SessionKeeper.Create().TokenAsync(url, stop);
            using var broker = BrokerConnection.To(url);
            var credentials = chosen == "credential-process" && !parsed.GetValue(fresh)
                ? await new CredentialCache(TimeProvider.System).GetAsync(
                    url, token, wish, () => MintCredentials.RunAsync(broker, token, wish, stop), stop)
                : await MintCredentials.RunAsync(broker, token, wish, stop);
            await parsed.InvocationConfiguration.Output.WriteAsync(CredentialFormat.Write(credentials, chosen));
            return ExitCode.Ok;
        });
        return command;
    }
}

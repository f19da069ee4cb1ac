using System.CommandLine;
using System.Text.Json;
using Broker.Cli.Client;
using Broker.Cli.Credentials;
using Broker.Cli.Sessions;
using Broker.Cli.Terminal;

namespace Broker.Cli.Running;

/// <summary>
/// The endpoint of <c>brokerctl run --serve</c>, in a process of its own. It ends with the command. It is hidden: only
/// <c>run</c> starts it.
/// </summary>
internal static class ServeCredentialsCommand
{
    public const string Name = "serve-credentials";

    public static Command Create()
    {
        var process = new Option<int>("--for-process") { Required = true };
        var shared = new ClientOptions();
        var wanted = new CredentialOptions();
        var command = new Command(Name, "The endpoint of run --serve") { process };
        command.Hidden = true;
        wanted.AddTo(command);
        shared.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            using var watched = WatchedProcess.Open(parsed.GetValue(process));
            WatchedProcess.LeaveTerminal();
            var url = shared.Address(parsed);
            var wish = wanted.Wish(parsed);
            var keeper = SessionKeeper.Create();
            using var broker = BrokerConnection.To(url);

            // The session is looked up at each mint: after `brokerctl login` the new one serves.
            using var fresh = new FreshCredentials(
                async ended => await MintCredentials.RunAsync(broker, await keeper.TokenAsync(url, ended), wish, ended),
                parsed.InvocationConfiguration.Error, TimeProvider.System);
            var first = await fresh.MintAsync(stop);
            await using var endpoint = await CredentialsEndpoint.StartAsync(fresh, stop);
            var ready = new ReadyEndpoint(endpoint.Address, endpoint.Token, first.Region, first.Wallet);
            var output = parsed.InvocationConfiguration.Output;
            await output.WriteLineAsync(JsonSerializer.Serialize(ready, EndpointJson.Default.ReadyEndpoint));
            await output.FlushAsync(stop);

            using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var renewing = fresh.RenewAheadAsync(over.Token);
            await watched.EndAsync();
            await over.CancelAsync();
            await renewing;
            return ExitCode.Ok;
        });
        return command;
    }
}

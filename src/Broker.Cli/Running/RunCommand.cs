using System.CommandLine;
using Broker.Cli.Client;
using Broker.Cli.Credentials;
using Broker.Cli.Sessions;

namespace Broker.Cli.Running;

/// <summary>
/// <c>brokerctl run -- COMMAND…</c>: the command with credentials in its environment and nowhere else; with
/// <c>--serve</c> the address of an endpoint that renews them for as long as the command lives.
/// </summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var serve = new Option<bool>("--serve")
        {
            Description = "give an address of credentials in place of credentials, so that a long command renews them",
        };
        var line = new Argument<string[]>("COMMAND")
        {
            Description = "the command and its arguments, after --",
            Arity = ArgumentArity.OneOrMore,
        };
        var shared = new ClientOptions();
        var wanted = new CredentialOptions();
        var command = new Command("run", "Run a command with credentials in its environment") { serve };
        wanted.AddTo(command);
        shared.AddTo(command);
        command.Arguments.Add(line);
        command.SetAction(async (parsed, stop) =>
        {
            var url = shared.Address(parsed);
            var wish = wanted.Wish(parsed);
            var words = parsed.GetValue(line)!;
            var given = parsed.GetValue(serve)
                ? await CredentialsHelper.StartAsync(url, wish, stop)
                : await MintAsync(url, wish, stop);
            return ReplacedProcess.With(words, AwsVariables.OfCredentials, given);
        });
        return command;
    }

    private static async Task<IEnumerable<KeyValuePair<string, string>>> MintAsync(
        Uri url, CredentialWish wish, CancellationToken stop)
    {
        var token = await SessionKeeper.Create().TokenAsync(url, stop);
        using var broker = BrokerConnection.To(url);
        return (await MintCredentials.RunAsync(broker, token, wish, stop)).Variables;
    }
}

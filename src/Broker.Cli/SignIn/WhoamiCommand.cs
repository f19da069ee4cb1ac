using System.CommandLine;
using Broker.Cli.Client;
using Broker.Cli.Sessions;
using Broker.Cli.Terminal;

namespace Broker.Cli.SignIn;

/// <summary><c>brokerctl whoami</c>: whom the broker takes the session for. The broker is asked.</summary>
internal static class WhoamiCommand
{
    public static Command Create()
    {
        var shared = new ClientOptions();
        var command = new Command("whoami", "Who the broker takes you for");
        shared.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var url = shared.Address(parsed);
            var keeper = SessionKeeper.Create();
            var token = await keeper.TokenAsync(url, stop);
            using var broker = BrokerConnection.To(url);
            var roles = await broker.GetAsync("v1/roles", token, ClientJson.Default.Roles, stop);
            var kept = SessionKeeper.IsGiven ? null : await keeper.FindAsync(url, stop);
            SessionText.Write(parsed, shared, new SessionAnswer(
                url.AbsoluteUri, roles.ActorOmni, roles.Wallet, kept?.IdentityType, kept?.IdentityValue, kept?.EndsAt,
                kept is null ? null : keeper.StoreName));
            return ExitCode.Ok;
        });
        return command;
    }
}

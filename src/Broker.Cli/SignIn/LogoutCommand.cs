using System.CommandLine;
using Broker.Cli.Client;
using Broker.Cli.Credentials;
using Broker.Cli.Sessions;
using Broker.Cli.Terminal;

namespace Broker.Cli.SignIn;

/// <summary><c>brokerctl logout</c>: ends the kept session at the broker, and forgets it here.</summary>
internal static class LogoutCommand
{
    public static Command Create()
    {
        var shared = new ClientOptions();
        var command = new Command("logout", "End the session and forget it");
        shared.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var url = shared.Address(parsed);
            var keeper = SessionKeeper.Create();
            var session = await FindAsync(keeper, url, stop);
            if (session is not null)
            {
                using var broker = BrokerConnection.To(url);
                try
                {
                    await broker.PostAsync("v1/auth/session/end", session.Token, stop);
                }
                catch (BrokerRefusedException ended) when (ended.Status == 401)
                {
                    // It had ended already.
                }
            }

            // A broker that does not answer keeps the session here: the person can try again.
            await keeper.ForgetAsync(url, stop);
            CredentialCache.ForgetAll();
            var output = parsed.InvocationConfiguration.Output;
            if (shared.IsJson(parsed)) await output.WriteLineAsync("""{"signed_out":true}""");
            else await output.WriteLineAsync(session is null ? $"not signed in at {url}" : $"signed out at {url}");
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>One that has ended needs no ending.</summary>
    private static async Task<StoredSession?> FindAsync(SessionKeeper keeper, Uri url, CancellationToken stop)
    {
        try
        {
            return await keeper.FindAsync(url, stop);
        }
        catch (NotSignedInException)
        {
            return null;
        }
    }
}

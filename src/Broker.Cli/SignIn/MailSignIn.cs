using Broker.Cli.Client;
using Broker.Cli.Terminal;

namespace Broker.Cli.SignIn;

/// <summary>Sign-in by a mailed link: asks for it, says what to do, and waits until somebody has confirmed.</summary>
internal static class MailSignIn
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(2);

    /// <param name="tell">Told what the person is to do.</param>
    /// <exception cref="CommandFailedException">The link ran out, or was refused.</exception>
    public static async Task<SignedIn> RunAsync(
        BrokerConnection broker, string mailbox, string device, TextWriter tell, CancellationToken stop)
    {
        var asked = await broker.PostAsync(
            "v1/auth/email/request", null, new RequestMailBody(mailbox, device), ClientJson.Default.RequestMailBody,
            ClientJson.Default.StagedSignIn, stop);
        await tell.WriteLineAsync($"A mail is on its way to {mailbox}. Open its link, compare the code, and confirm.");
        await tell.WriteLineAsync($"  Code: {asked.CompareCode}");
        await tell.FlushAsync(stop);

        var until = DateTimeOffset.UtcNow.AddSeconds(asked.ExpiresInSeconds + 5);
        while (DateTimeOffset.UtcNow < until)
        {
            await Task.Delay(Between, stop);
            var state = await broker.GetAsync(asked.PollUrl, null, ClientJson.Default.SignedIn, stop);
            switch (state.Status)
            {
                case "verified":
                    return state;
                case "pending":
                    continue;
                default:
                    throw new CommandFailedException($"the sign-in failed: {state.Reason ?? state.Status}");
            }
        }

        throw new CommandFailedException("nobody has confirmed the sign-in in time; ask for another link");
    }
}

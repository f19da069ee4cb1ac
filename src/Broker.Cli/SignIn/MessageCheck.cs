using Broker.Cli.Terminal;

namespace Broker.Cli.SignIn;

/// <summary>
/// Looks at a sign-in message (EIP-4361) before a key signs it: it must ask this address to sign in. The site that it
/// names is not compared, since an issuer may have another name than the address that is called.
/// </summary>
internal static class MessageCheck
{
    private const string Wants = " wants you to sign in with your Ethereum account:";

    /// <exception cref="CommandFailedException">It is no sign-in message for this address.</exception>
    public static void Require(string message, Uri broker, string address)
    {
        var lines = message.Split('\n');
        if (lines.Length < 3 || !lines[0].EndsWith(Wants, StringComparison.Ordinal)
            || !lines[1].Equals(address, StringComparison.OrdinalIgnoreCase))
        {
            throw new CommandFailedException(
                $"{broker} sent a message that does not ask {address} to sign in; nothing was signed");
        }
    }
}

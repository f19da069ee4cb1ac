using Broker.Cli.Client;
using Broker.Cli.Sessions;
using Broker.Cli.Terminal;

namespace Broker.Cli.SignIn;

/// <summary>Reads a session out of whatever way of signing in ended well.</summary>
internal static class SignedInSession
{
    /// <summary>A session that OAuth gave: whose it is, the broker says.</summary>
    public static async Task<SignedIn> DescribeAsync(
        BrokerConnection broker, AccessToken given, CancellationToken stop)
    {
        var roles = await broker.GetAsync("v1/roles", given.Token, ClientJson.Default.Roles, stop);
        return new SignedIn(
            given.Token, DateTimeOffset.UtcNow.AddSeconds(given.ExpiresIn).ToUnixTimeSeconds(), roles.ActorOmni,
            roles.Wallet, "device", roles.Wallet ?? roles.ActorOmni);
    }

    /// <exception cref="CommandFailedException">The answer has no session in it.</exception>
    public static StoredSession Of(Uri broker, SignedIn answer) => answer is
    {
        SessionJwt: { Length: > 0 } token, ExpiresAt: { } until, OmniAccount: { } omni, IdentityType: { } type,
        IdentityValue: { } value,
    }
        ? new StoredSession(broker.AbsoluteUri, token, until, omni, answer.WalletAddress, type, value)
        : throw new CommandFailedException($"{broker} signed in without a session; is it a broker?");
}

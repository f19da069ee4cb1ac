using Broker.Foundation.Results;
using Broker.Http;

namespace Broker.SignIn.Wallet;

/// <summary>How many challenges one client address may ask for in an hour.</summary>
internal sealed class ChallengeLimit(WalletSignInOptions options, TimeProvider time)
{
    private readonly RateWindows _windows = new(time);

    /// <summary>Null when granted.</summary>
    public Refusal? Take(string clientAddress) =>
        _windows.Take(clientAddress, options.ChallengesPerHour) is { } wait
            ? new Refusal(WalletRefusals.ChallengeRateLimited,
                "too many wallet challenges from this address in this hour")
            {
                RetryAfter = wait,
            }
            : null;
}

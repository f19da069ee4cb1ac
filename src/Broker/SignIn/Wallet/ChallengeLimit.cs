using Broker.Configuration;
using Broker.Http;

namespace Broker.SignIn.Wallet;

/// <summary>How many challenges one client address may ask for in an hour.</summary>
internal sealed class ChallengeLimit(BrokerOptions options, TimeProvider time)
{
    private readonly RateWindows _windows = new(time);

    /// <summary>Null when granted.</summary>
    public Refusal? Take(string clientAddress) =>
        _windows.Take(clientAddress, options.Limits.ChallengesPerHour) is { } wait
            ? new Refusal(RefusalCode.ChallengeRateLimited,
                "too many wallet challenges from this address in this hour")
            {
                RetryAfter = wait,
            }
            : null;
}

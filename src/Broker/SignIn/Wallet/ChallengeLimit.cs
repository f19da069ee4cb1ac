using Broker.Http;

namespace Broker.SignIn.Wallet;

/// <summary>How many challenges one client address may ask for in an hour.</summary>
internal sealed class ChallengeLimit(WalletSignInOptions options, TimeProvider time) : RequestLimit(
    options.ChallengesPerHour, RateWindows.Hour, WalletRefusals.ChallengeRateLimited,
    "too many wallet challenges from this address in this hour", time);

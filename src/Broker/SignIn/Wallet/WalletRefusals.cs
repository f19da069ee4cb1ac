using Broker.Foundation.Results;
using Broker.Modules;

namespace Broker.SignIn.Wallet;

/// <summary>Why a sign-in by wallet is refused.</summary>
internal static class WalletRefusals
{
    private const string NewChallenge = "Ask for a new challenge: POST /v1/auth/wallet/start.";

    public static readonly RefusalCode UnknownChallenge = Refused.Unauthorized("unknown_challenge", NewChallenge);
    public static readonly RefusalCode ChallengeExpired = Refused.Unauthorized("challenge_expired", NewChallenge);

    public static readonly RefusalCode ChallengeFromTheFuture = Refused.Unauthorized(
        "challenge_from_the_future", "Set the client's clock, then sign a message issued now.");

    public static readonly RefusalCode MessageNotForThisBroker = Refused.Unauthorized(
        "message_not_for_this_broker",
        "Write the message with this broker's domain and URI, or use the one that POST /v1/auth/wallet/start issues.");

    public static readonly RefusalCode WalletBoundElsewhere = Refused.Unauthorized(
        "wallet_bound_elsewhere", "Sign in with the wallet that is the actor's own.");

    public static readonly RefusalCode ChallengeRateLimited =
        Refused.RateLimited("challenge_rate_limited");

    /// <summary>Every code of this feature.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        UnknownChallenge, ChallengeExpired, ChallengeFromTheFuture, MessageNotForThisBroker, WalletBoundElsewhere,
        ChallengeRateLimited,
    ];
}

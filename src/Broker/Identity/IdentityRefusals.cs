using Broker.Foundation.Results;
using Broker.Modules;

namespace Broker.Identity;

/// <summary>Why a proof of identity is refused.</summary>
internal static class IdentityRefusals
{
    public static readonly RefusalCode SignatureMismatch = Refused.Unauthorized(
        "signature_mismatch",
        "Sign exactly the message that was issued, with the key of the address in it, from a new challenge.");

    public static readonly RefusalCode ChangesRateLimited = new(
        "changes_rate_limited", "rate_limited", StatusCodes.Status429TooManyRequests, Refused.TryLater,
        LedgerOutcome.RateLimited);

    /// <summary>Every code of this feature.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        SignatureMismatch, ChangesRateLimited,
    ];
}

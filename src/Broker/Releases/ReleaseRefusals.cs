using Broker.Foundation.Results;
using Broker.Modules;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Broker.Releases;

/// <summary>Why a release is refused to a caller that is known.</summary>
internal static class ReleaseRefusals
{
    public static readonly RefusalCode RoleNotInCatalogue = Refused.BadRequest(
        "role_not_in_catalogue", "Ask for one of the roles that the message names.");

    public static readonly RefusalCode LifetimeOutOfBounds = Refused.BadRequest(
        "lifetime_out_of_bounds", "Ask for a lifetime within the bounds that the message names, or leave it out.");

    public static readonly RefusalCode SignatureRequired = Refused.BadRequest(
        "signature_required", "Send request_id, issued_at, intent and auth, signed by the session's wallet.");

    public static readonly RefusalCode SignedByAnotherWallet = Refused.Unauthorized(
        "signed_by_another_wallet", "Sign the request with the wallet that the session belongs to.");

    public static readonly RefusalCode SignedRequestExpired = Refused.Unauthorized(
        "signed_request_expired", "Sign the request anew with the present time in issued_at.");

    public static readonly RefusalCode SignedRequestReplayed = Refused.Unauthorized(
        "signed_request_replayed",
        "Sign a new request with a new request_id; to repeat one safely send an Idempotency-Key.");

    public static readonly RefusalCode ActorHasNoWallet = Refused.Forbidden(
        "actor_has_no_wallet", "Sign in with a wallet.");

    public static readonly RefusalCode MintRateLimited = new(
        "mint_rate_limited", "rate_limited", Status429TooManyRequests, Refused.TryLater, LedgerOutcome.RateLimited);

    /// <summary>Every code of this feature.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        RoleNotInCatalogue, LifetimeOutOfBounds, SignatureRequired, SignedByAnotherWallet, SignedRequestExpired,
        SignedRequestReplayed, ActorHasNoWallet, MintRateLimited,
    ];
}

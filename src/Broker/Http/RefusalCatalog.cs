using System.Collections.Frozen;
using Broker.Ledger;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Broker.Http;

/// <summary>How one <see cref="RefusalCode"/> is answered and recorded.</summary>
/// <param name="Kind">The <c>error</c> member (contract §1.1); the message begins with it, underscores as
/// spaces.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="NextStep">What the caller can do, in one sentence.</param>
/// <param name="Outcome">The ledger's <c>outcome</c>; null where the refusal is not recorded.</param>
internal sealed record RefusalAnswer(string Kind, int Status, string NextStep, string? Outcome);

/// <summary>One entry for every refusal code; a test fails when one is missing.</summary>
internal static class RefusalCatalog
{
    private const string SignInAgain =
        "Sign in again: POST /v1/auth/wallet/start, sign the message, POST /v1/auth/wallet/verify.";
    private const string NewChallenge = "Ask for a new challenge: POST /v1/auth/wallet/start.";
    private const string CorrectAndSend = "Correct the request as the message says and send it again.";
    private const string TryLater = "Send the same request again after Retry-After.";
    private const string AskOperator =
        "Send the same request again later; if it persists, give the request id to the operator.";

    public static readonly FrozenDictionary<RefusalCode, RefusalAnswer> Answers =
        new Dictionary<RefusalCode, RefusalAnswer>
        {
            [RefusalCode.MalformedJson] = BadRequest(CorrectAndSend),
            [RefusalCode.InvalidField] = BadRequest(CorrectAndSend),
            [RefusalCode.BodyTooLarge] = new("bad_request", Status413PayloadTooLarge, "Send a smaller body.", null),
            [RefusalCode.UnsupportedMediaType] = new(
                "bad_request", Status415UnsupportedMediaType, "Send Content-Type: application/json.", null),
            [RefusalCode.InvalidIdempotencyKey] = BadRequest(
                "Send an Idempotency-Key of 1 to 255 printable ASCII characters."),

            [RefusalCode.MissingBearer] = new(
                "unauthorized", Status401Unauthorized,
                "Send Authorization: Bearer <session token>; get one by signing in at POST /v1/auth/wallet/start.",
                null),
            [RefusalCode.InvalidBearer] = Unauthorized(SignInAgain),
            [RefusalCode.LegacyBearerNotAccepted] = Unauthorized(SignInAgain),
            [RefusalCode.SessionRevoked] = Unauthorized(SignInAgain),
            [RefusalCode.SessionExpired] = Unauthorized(SignInAgain),

            [RefusalCode.UnknownChallenge] = Unauthorized(NewChallenge),
            [RefusalCode.ChallengeExpired] = Unauthorized(NewChallenge),
            [RefusalCode.ChallengeFromTheFuture] = Unauthorized(
                "Set the client's clock, then sign a message issued now."),
            [RefusalCode.SignatureMismatch] = Unauthorized(
                "Sign exactly the message that was issued, with the key of the address in it, from a new challenge."),
            [RefusalCode.MessageNotForThisBroker] = Unauthorized(
                "Write the message with this broker's domain and URI, or use the one that POST /v1/auth/wallet/start "
                + "issues."),
            [RefusalCode.WalletBoundElsewhere] = Unauthorized("Sign in with the wallet that is the actor's own."),

            [RefusalCode.RoleNotInCatalogue] = BadRequest("Ask for one of the roles that the message names."),
            [RefusalCode.LifetimeOutOfBounds] = BadRequest(
                "Ask for a lifetime within the bounds that the message names, or leave it out."),
            [RefusalCode.SignatureRequired] = BadRequest(
                "Send request_id, issued_at, intent and auth, signed by the session's wallet."),
            [RefusalCode.SignedByAnotherWallet] = Unauthorized(
                "Sign the request with the wallet that the session belongs to."),
            [RefusalCode.SignedRequestExpired] = Unauthorized(
                "Sign the request anew with the present time in issued_at."),
            [RefusalCode.SignedRequestReplayed] = Unauthorized(
                "Sign a new request with a new request_id; to repeat one safely send an Idempotency-Key."),
            [RefusalCode.ActorHasNoWallet] = Forbidden("Sign in with a wallet."),
            [RefusalCode.IdempotencyKeyReused] = new(
                "bad_request", Status422UnprocessableEntity, "Use a new Idempotency-Key for a different request.",
                LedgerOutcome.BadRequest),
            [RefusalCode.IdempotencyKeyInUse] = new("bad_request", Status409Conflict, TryLater, null),

            [RefusalCode.MintRateLimited] = new(
                "rate_limited", Status429TooManyRequests, TryLater, LedgerOutcome.RateLimited),
            [RefusalCode.TooManyRefusals] = new(
                "rate_limited", Status429TooManyRequests,
                "Correct the requests, which were refused before, and send them again after Retry-After.", null),
            [RefusalCode.ChallengeRateLimited] = new("rate_limited", Status429TooManyRequests, TryLater, null),

            [RefusalCode.BackendUnreachable] = new(
                "backend_unreachable", Status502BadGateway, AskOperator, LedgerOutcome.BackendError),
            [RefusalCode.StsFailed] = new("sts_error", Status502BadGateway, AskOperator, LedgerOutcome.StsError),
            [RefusalCode.StsBusy] = new("sts_error", Status502BadGateway, TryLater, LedgerOutcome.StsError),

            [RefusalCode.LedgerWriteFailed] = new("audit_error", Status500InternalServerError, AskOperator, null),
            [RefusalCode.LedgerBusy] = new("audit_error", Status503ServiceUnavailable, TryLater, null),
            [RefusalCode.LedgerTimedOut] = new("audit_error", Status503ServiceUnavailable, TryLater, null),
            [RefusalCode.AnchorWriteFailed] = new("audit_error", Status500InternalServerError, TryLater, null),
            [RefusalCode.StateUnavailable] = new("internal", Status503ServiceUnavailable, TryLater, null),

            [RefusalCode.DiskReserveReached] = new("internal", Status503ServiceUnavailable, TryLater, null),

            [RefusalCode.NotFound] = new(
                "bad_request", Status404NotFound, "See GET /openapi/v1.json for the routes.", null),
            [RefusalCode.MethodNotAllowed] = new(
                "bad_request", Status405MethodNotAllowed, "Use a method that the Allow header names.", null),
            [RefusalCode.Internal] = new("internal", Status500InternalServerError, AskOperator, null),
        }.ToFrozenDictionary();

    public static RefusalAnswer Of(RefusalCode code) => Answers[code];

    private static RefusalAnswer BadRequest(string nextStep) =>
        new("bad_request", Status400BadRequest, nextStep, LedgerOutcome.BadRequest);

    private static RefusalAnswer Unauthorized(string nextStep) =>
        new("unauthorized", Status401Unauthorized, nextStep, LedgerOutcome.AuthFailed);

    private static RefusalAnswer Forbidden(string nextStep) =>
        new("forbidden", Status403Forbidden, nextStep, LedgerOutcome.Denied);
}

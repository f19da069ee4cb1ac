namespace Broker.Http;

/// <summary>
/// Every reason to refuse a request. The wire shows it in snake_case; once published a code never changes its meaning.
/// </summary>
internal enum RefusalCode
{
    MalformedJson,
    InvalidField,
    BodyTooLarge,
    UnsupportedMediaType,
    InvalidIdempotencyKey,

    MissingBearer,
    InvalidBearer,
    LegacyBearerNotAccepted,
    SessionRevoked,
    SessionExpired,

    UnknownChallenge,
    ChallengeExpired,
    ChallengeFromTheFuture,
    SignatureMismatch,
    MessageNotForThisBroker,
    WalletBoundElsewhere,

    RoleNotInCatalogue,
    LifetimeOutOfBounds,
    SignatureRequired,
    SignedByAnotherWallet,
    SignedRequestExpired,
    SignedRequestReplayed,
    ActorHasNoWallet,
    IdempotencyKeyReused,
    IdempotencyKeyInUse,

    MintRateLimited,
    ChallengeRateLimited,
    TooManyRefusals,

    BackendUnreachable,
    StsFailed,
    StsBusy,

    LedgerWriteFailed,
    LedgerBusy,
    LedgerTimedOut,
    AnchorWriteFailed,
    StateUnavailable,
    DiskReserveReached,

    NotFound,
    MethodNotAllowed,
    Internal,
}

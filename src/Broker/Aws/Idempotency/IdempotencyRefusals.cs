using Broker.Foundation.Results;
using Broker.Modules;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Broker.Aws.Idempotency;

/// <summary>Why an <c>Idempotency-Key</c> is refused.</summary>
internal static class IdempotencyRefusals
{
    public static readonly RefusalCode InvalidIdempotencyKey = Refused.BadRequest(
        "invalid_idempotency_key", "Send an Idempotency-Key of 1 to 255 printable ASCII characters.");

    public static readonly RefusalCode IdempotencyKeyReused = new(
        "idempotency_key_reused", "bad_request", Status422UnprocessableEntity,
        "Use a new Idempotency-Key for a different request.", LedgerOutcome.BadRequest);

    public static readonly RefusalCode IdempotencyKeyInUse = new(
        "idempotency_key_in_use", "bad_request", Status409Conflict, Refused.TryLater, null);

    /// <summary>Every code of this feature.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        InvalidIdempotencyKey, IdempotencyKeyReused, IdempotencyKeyInUse,
    ];
}

using Broker.Foundation.Results;
using Broker.Modules;

namespace Broker.SignIn.Passkey;

/// <summary>Why a passkey is refused.</summary>
internal static class PasskeyRefusals
{
    public static readonly RefusalCode InvalidAssertion = Refused.Unauthorized(
        "passkey_invalid", "Ask for a new challenge: POST /v1/auth/passkey/start.");

    public static readonly RefusalCode CounterWentBack = Refused.Unauthorized(
        "passkey_counter_went_back",
        "The passkey may have been copied: remove it by POST /v1/auth/passkey/remove and register another.");

    public static readonly RefusalCode InvalidRegistration = Refused.BadRequest(
        "passkey_registration_invalid", "Begin again: POST /v1/auth/passkey/register/start.");

    public static readonly RefusalCode NotForPrograms = Refused.Forbidden(
        "passkey_not_for_programs", "Sign in as a person: by wallet, mail or passkey.");

    public static readonly RefusalCode TooManyPasskeys = Refused.BadRequest(
        "too_many_passkeys", "Remove a passkey by POST /v1/auth/passkey/remove.");

    public static readonly RefusalCode UnknownPasskey = Refused.BadRequest(
        "unknown_passkey", "See GET /v1/auth/passkey/list.");

    public static readonly RefusalCode PasskeyRateLimited =
        Refused.RateLimited("passkey_rate_limited");

    /// <summary>Every code of this feature.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        InvalidAssertion, CounterWentBack, InvalidRegistration, NotForPrograms, TooManyPasskeys, UnknownPasskey,
        PasskeyRateLimited,
    ];
}

using Broker.Foundation.Results;
using Broker.Modules;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Broker.Sessions;

/// <summary>Why a bearer is refused.</summary>
internal static class SessionRefusals
{
    public static readonly RefusalCode InvalidBearer = OfToken("invalid_bearer");
    public static readonly RefusalCode LegacyBearerNotAccepted = OfToken("legacy_bearer_not_accepted");
    public static readonly RefusalCode SessionRevoked = OfToken("session_revoked");
    public static readonly RefusalCode SessionExpired = OfToken("session_expired");

    public static readonly RefusalCode NotAMaster = Refused.Forbidden(
        "not_a_master", "Send the session token of the master that paired this agent.");

    public static readonly RefusalCode BackendUnreachable = new(
        "backend_unreachable", "backend_unreachable", Status502BadGateway, Refused.AskOperator,
        LedgerOutcome.BackendError);

    /// <summary>In a process that asks the broker whether a session still holds.</summary>
    public static readonly RefusalCode BrokerUnreachable = new(
        "broker_unreachable", "unavailable", Status503ServiceUnavailable, Refused.TryLater, LedgerOutcome.BackendError);

    /// <summary>A bearer that was sent and does not hold (RFC 6750 §3.1).</summary>
    private static RefusalCode OfToken(string text) =>
        Refused.Unauthorized(text, Refused.SignInAgain) with { ChallengeError = "invalid_token" };

    /// <summary>Every code of this feature.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        InvalidBearer, LegacyBearerNotAccepted, SessionRevoked, SessionExpired, NotAMaster, BackendUnreachable,
        BrokerUnreachable,
    ];
}

using Broker.Foundation.Results;
using Broker.Modules;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Broker.SignIn.Oidc;

/// <summary>Why a sign-in at a provider is refused.</summary>
internal static class OidcRefusals
{
    private const string BeginAgain = "Begin again: POST /v1/auth/oauth2/start.";

    public static readonly RefusalCode UnknownProvider = Refused.BadRequest(
        "unknown_provider", "Ask the operator which providers this broker offers.");

    public static readonly RefusalCode NotEnabled = Refused.BadRequest(
        "openid_not_enabled", "Sign in another way: by wallet, mail or passkey, as this broker offers.");

    public static readonly RefusalCode MissingParameter = Refused.BadRequest("openid_callback_incomplete", BeginAgain);
    public static readonly RefusalCode UnknownState = Refused.Unauthorized("openid_state_unknown", BeginAgain);
    public static readonly RefusalCode AnswerInvalid = Refused.Unauthorized("openid_answer_invalid", BeginAgain);

    public static readonly RefusalCode ProviderUnreachable = new(
        "openid_provider_unreachable", "backend_unreachable", Status502BadGateway, Refused.AskOperator,
        LedgerOutcome.BackendError);

    public static readonly RefusalCode StartRateLimited =
        Refused.RateLimited("openid_rate_limited");

    /// <summary>Every code of this feature.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        UnknownProvider, NotEnabled, MissingParameter, UnknownState, AnswerInvalid, ProviderUnreachable,
        StartRateLimited,
    ];
}

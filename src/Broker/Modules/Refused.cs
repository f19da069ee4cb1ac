using Broker.Foundation.Results;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Broker.Modules;

/// <summary>The kinds of refusal that most features declare, and the next steps that they share.</summary>
internal static class Refused
{
    public const string SignInAgain =
        "Sign in again: by wallet (POST /v1/auth/wallet/start, sign the message, POST /v1/auth/wallet/verify), or in "
        + "another way that this broker offers.";

    public const string CorrectAndSend = "Correct the request as the message says and send it again.";

    public const string TryLater = "Send the same request again after Retry-After.";

    public const string AskOperator =
        "Send the same request again later; if it persists, give the request id to the operator.";

    /// <summary>429, and no entry: what is too often must not fill the ledger.</summary>
    public static RefusalCode RateLimited(string text) =>
        new(text, "rate_limited", Status429TooManyRequests, TryLater, null);

    /// <summary>400, recorded as <c>bad_request</c>.</summary>
    public static RefusalCode BadRequest(string text, string nextStep) =>
        new(text, "bad_request", Status400BadRequest, nextStep, LedgerOutcome.BadRequest);

    /// <summary>401, recorded as <c>auth_failed</c>.</summary>
    public static RefusalCode Unauthorized(string text, string nextStep) =>
        new(text, "unauthorized", Status401Unauthorized, nextStep, LedgerOutcome.AuthFailed);

    /// <summary>403, recorded as <c>denied</c>.</summary>
    public static RefusalCode Forbidden(string text, string nextStep) =>
        new(text, "forbidden", Status403Forbidden, nextStep, LedgerOutcome.Denied);
}

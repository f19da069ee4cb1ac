using Broker.Foundation.Results;
using Broker.Modules;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Broker.OAuth.ForeignIssuers;

/// <summary>Why a foreign issuer's token gets nothing.</summary>
internal static class ForeignRefusals
{
    private const string AskForNew = "Ask the issuer for a new token, for the audience that this broker wants.";
    private const string AskForRule =
        "Ask the operator for a rule in BROKER_FOREIGN_ISSUERS_FILE that this token meets.";

    public static readonly RefusalCode IssuerUnknown = Refused.Unauthorized(
        "foreign_issuer_unknown", "Ask the operator to add the issuer to BROKER_FOREIGN_ISSUERS_FILE.");

    public static readonly RefusalCode TokenInvalid = Refused.Unauthorized("foreign_token_invalid", AskForNew);
    public static readonly RefusalCode TokenExpired = Refused.Unauthorized("foreign_token_expired", AskForNew);
    public static readonly RefusalCode TokenReplayed = Refused.Unauthorized("foreign_token_replayed", AskForNew);
    public static readonly RefusalCode NoRule = Refused.Forbidden("foreign_no_rule", AskForRule);
    public static readonly RefusalCode RuleGone = Refused.Forbidden("foreign_rule_gone", AskForRule);

    public static readonly RefusalCode NotOfRule = Refused.Forbidden(
        "foreign_not_of_rule", "Ask for what the message names, or ask the operator to change the rule.");

    public static readonly RefusalCode IssuerUnreachable = new(
        "foreign_issuer_unreachable", "backend_unreachable", Status503ServiceUnavailable,
        "Send the same request again after Retry-After; if it persists, tell the operator that the issuer's keys cannot "
        + "be fetched.", LedgerOutcome.BackendError);

    /// <summary>Every code of this folder.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        IssuerUnknown, TokenInvalid, TokenExpired, TokenReplayed, NoRule, RuleGone, NotOfRule, IssuerUnreachable,
    ];
}

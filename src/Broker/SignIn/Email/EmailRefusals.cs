using Broker.Foundation.Results;
using Broker.Modules;

namespace Broker.SignIn.Email;

/// <summary>Why a sign-in by mail is refused.</summary>
internal static class EmailRefusals
{
    /// <summary>Unknown, used and expired links are one refusal, its message included.</summary>
    public static readonly RefusalCode LinkNotValid = Refused.Unauthorized(
        "email_link_not_valid", "Ask for a new link: POST /v1/auth/email/request.");

    public static readonly RefusalCode EmailRateLimited =
        Refused.RateLimited("email_rate_limited");

    /// <summary>Every code of this feature.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        LinkNotValid, EmailRateLimited,
    ];
}

using Broker.Foundation.Results;
using Broker.Modules;

namespace Broker.People;

/// <summary>Why a form of a page is refused.</summary>
internal static class PeopleRefusals
{
    public static readonly RefusalCode CrossSiteForm = Refused.Forbidden(
        "cross_site_form", "Open the broker's own page and send the form from there.");

    public static readonly RefusalCode FormNotValid = Refused.Forbidden(
        "form_not_valid", "Open the page anew and send its form again.");

    public static readonly RefusalCode NothingPending = Refused.BadRequest(
        "no_sign_in_pending", "Begin the sign-in again on the sign-in page.");

    public static readonly RefusalCode UnknownSession = Refused.BadRequest(
        "unknown_browser_session", "Open the account page anew; it shows the browsers that are signed in.");

    public static readonly RefusalCode TooManyLooks = new(
        "account_rate_limited", "rate_limited", StatusCodes.Status429TooManyRequests, Refused.TryLater, null);

    /// <summary>Every code of this feature.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        CrossSiteForm, FormNotValid, NothingPending, UnknownSession, TooManyLooks,
    ];
}

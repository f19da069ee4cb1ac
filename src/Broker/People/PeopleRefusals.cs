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

    /// <summary>Every code of this feature.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } = [CrossSiteForm, FormNotValid, NothingPending];
}

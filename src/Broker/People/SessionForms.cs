using Broker.Foundation.Results;
using Broker.Refusals;
using Broker.Sessions;

namespace Broker.People;

/// <summary>
/// <c>POST /account/sessions/end</c>: one other browser of the person is signed out; <c>…/end-others</c>: all of them.
/// </summary>
internal static class SessionForms
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/account/sessions/end", (
                HttpContext http, AccountForms forms, Visits visits, OtherBrowsers browsers, CancellationToken stop) =>
                RunAsync(
                    http, forms, visits,
                    async (attempt, own, form) => await browsers.EndAsync(own, form["session_id"], attempt)
                        ? null
                        : new Refusal(PeopleRefusals.UnknownSession, "you have no other browser with this session"),
                    stop))
            .IsAccountForm("endSessionOnPage", "Signs the person out in one other browser");
        routes.MapPost("/account/sessions/end-others", (
                HttpContext http, AccountForms forms, Visits visits, OtherBrowsers browsers, CancellationToken stop) =>
                RunAsync(
                    http, forms, visits,
                    async (attempt, own, _) =>
                    {
                        await browsers.EndAllAsync(own, attempt);
                        return null;
                    },
                    stop))
            .IsAccountForm("endOtherSessionsOnPage", "Signs the person out in all other browsers");
    }

    private static Task<IResult> RunAsync(
        HttpContext http, AccountForms forms, Visits visits,
        Func<Attempt, BrowserSession, PageForm, ValueTask<Refusal?>> change, CancellationToken stop) => forms.RunAsync(
            http, SessionTokenRelease.Kind, SessionTokenRelease.RequestedRole,
            async (attempt, _, form) => visits.Session(http.Request) is { } own
                ? await change(attempt, own, form)
                : new Refusal(PeopleRefusals.UnknownSession, "this browser is not signed in any more"),
            stop);
}

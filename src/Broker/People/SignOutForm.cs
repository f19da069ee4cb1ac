using Broker.Http;
using Broker.Sessions;

namespace Broker.People;

/// <summary>
/// <c>POST /account/sign-out</c>: the browser forgets its session, and the session itself ends: from the answer on its
/// token is refused everywhere.
/// </summary>
internal static class SignOutForm
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/account/sign-out", HandleAsync)
        .IsAccountForm("signOutOnPage", "Ends the session of this browser");

    private static Task<IResult> HandleAsync(
        HttpContext http, PageForms forms, Visits visits, Callers callers, RevokeSession revoke,
        CancellationToken stop) => forms.RunAsync(
            http,
            async (attempt, _) =>
            {
                visits.Enter(http);
                visits.SignOut(http);
                var bearer = BearerToken.Of(http.Request);
                if (bearer.IsRefused) return new SeeOther("");

                attempt.Know(bearer.Value);
                var session = callers.Session(bearer.Value);
                if (!session.IsRefused)
                    await revoke.RunAsync(session.Value, bearer.Value.Hash, attempt.RequestId, "its holder");
                return new SeeOther("");
            },
            stop);
}

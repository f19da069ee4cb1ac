using Broker.Http;
using Broker.Refusals;
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

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, Visits visits, Callers callers,
        RevokeSession revoke, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, SessionTokenRelease.Kind, SessionTokenRelease.RequestedRole);
        var form = await PageForm.ReadAsync(http.Request, visits, stop);
        if (form.Refusal is { } forged) return await attempt.RefuseAsync(forged);
        visits.Enter(http);
        visits.SignOut(http);
        var bearer = BearerToken.Of(http.Request);
        if (bearer.IsRefused) return new SeeOther("");

        attempt.Know(bearer.Value);
        var session = callers.Session(bearer.Value);
        if (!session.IsRefused)
            await revoke.RunAsync(session.Value, bearer.Value.Hash, attempt.RequestId, "its holder");
        return new SeeOther("");
    }
}

using Broker.Http;
using Broker.Identity;
using Broker.Sessions;

namespace Broker.People;

/// <summary>
/// What every page of an account begins with: the browser is signed in, its session still holds, and its person does
/// not look too often. A browser that is not signed in, or whose session was ended elsewhere, is sent to sign in.
/// </summary>
internal sealed class AccountVisits(Visits visits, Callers callers, AccountLimit limit)
{
    public async Task<IResult> ShowAsync(
        HttpContext http, Func<VerifiedCaller, BrowserSession, IResult> show, CancellationToken stop)
    {
        if (visits.Enter(http) is not { } session) return new SeeOther("sign-in");
        var caller = await callers.VerifyAsync(http.Request, stop);
        if (caller.IsRefused)
        {
            visits.SignOut(http);
            return new SeeOther("sign-in");
        }

        // Somebody who had to sign in first goes on with what it was for.
        if (visits.TakeReturn(http.Request) is { } page) return new SeeOther(page);
        return limit.Take(caller.Value.Actor) is { } tooOften
            ? new ErrorAnswer(tooOften)
            : show(caller.Value, session);
    }
}

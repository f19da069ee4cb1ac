using Broker.Foundation.Results;
using Broker.Refusals;
using Broker.Sessions;

namespace Broker.People;

/// <summary>
/// Signs a browser in by what its script sends. The answer is the cookie and nothing else: the token of the session
/// stays in the broker.
/// </summary>
internal static class BrowserSignIn
{
    public static async Task<IResult> RunAsync(
        HttpContext http, Attempts attempts, Visits visits, Func<Attempt, ValueTask<Result<IssuedSession>>> verify)
    {
        var attempt = attempts.Begin(http, SessionTokenRelease.Kind, SessionTokenRelease.RequestedRole);
        if (visits.CheckScript(http.Request) is { } forged) return await attempt.RefuseAsync(forged);
        var verified = await verify(attempt);
        if (verified.Refusal is { } refusal) return await attempt.RefuseAsync(refusal);
        visits.SignIn(http, verified.Value);
        return TypedResults.NoContent();
    }
}

using Broker.Foundation.Results;
using Broker.Refusals;
using Broker.Sessions;

namespace Broker.People;

/// <summary>
/// Signs a browser in by what its script sends. The answer is the cookie and nothing else: the token of the session
/// stays in the broker.
/// </summary>
internal sealed class BrowserSignIn(PageForms forms, Visits visits)
{
    public Task<IResult> RunAsync(HttpContext http, Func<Attempt, ValueTask<Result<IssuedSession>>> verify) =>
        forms.RunScriptAsync(http, SessionTokenRelease.Kind, SessionTokenRelease.RequestedRole, async attempt =>
        {
            var verified = await verify(attempt);
            if (verified.Refusal is { } refusal) return refusal;
            visits.SignIn(http, verified.Value);
            return TypedResults.NoContent();
        });
}

using Broker.Foundation.Results;
using Broker.Identity;
using Broker.Ledger;
using Broker.Refusals;
using Broker.Sessions;

namespace Broker.People;

/// <summary>
/// What every form of the account page does: the form is one that this browser was given, its session's holder is
/// authenticated as everywhere, the use case runs and records, and the browser goes back to the page.
/// </summary>
internal sealed class AccountForms(Visits visits, Attempts attempts, Callers callers, ProblemAnswer problems)
{
    /// <param name="change">The use case; null when it is done.</param>
    public async Task<IResult> RunAsync(
        HttpContext http, EntryKind kind, string role,
        Func<Attempt, VerifiedCaller, PageForm, ValueTask<Refusal?>> change, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, kind, role);
        var form = await PageForm.ReadAsync(http.Request, visits, stop);
        if (form.Refusal is { } forged) return await problems.RefuseAsync(http, attempt, forged, "account");

        visits.Enter(http);
        var caller = await callers.AuthenticateMasterAsync(attempt);
        if (caller.Refusal is { } unknown) return await problems.RefuseAsync(http, attempt, unknown, "sign-in");
        return await change(attempt, caller.Value, form.Value) is { } refusal
            ? await problems.RefuseAsync(http, attempt, refusal, "account")
            : new SeeOther("account");
    }
}

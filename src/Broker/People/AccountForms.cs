using Broker.Foundation.Results;
using Broker.Identity;
using Broker.Ledger;
using Broker.Refusals;
using Broker.Sessions;

namespace Broker.People;

/// <summary>
/// What every change on the account page does: what was sent comes from a page that this browser was given, its
/// session's holder is authenticated as everywhere, and the use case runs and records.
/// </summary>
internal sealed class AccountForms(Visits visits, Attempts attempts, Callers callers)
{
    /// <summary>A form: when it is done the browser goes back to the page.</summary>
    /// <param name="change">The use case; null when it is done.</param>
    public async Task<IResult> RunAsync(
        HttpContext http, EntryKind kind, string role,
        Func<Attempt, VerifiedCaller, PageForm, ValueTask<Refusal?>> change, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, kind, role);
        var form = await PageForm.ReadAsync(http.Request, visits, stop);
        if (form.Refusal is { } forged) return await attempt.RefuseAsync(forged);
        var caller = await EnterAsync(http, attempt);
        if (caller.Refusal is { } unknown) return await attempt.RefuseAsync(unknown);
        return await change(attempt, caller.Value, form.Value) is { } refusal
            ? await attempt.RefuseAsync(refusal)
            : new SeeOther("account");
    }

    /// <summary>What a script of the page asks for.</summary>
    public async Task<IResult> RunScriptAsync(
        HttpContext http, EntryKind kind, string role, Func<Attempt, ValueTask<Result<IResult>>> change)
    {
        var attempt = attempts.Begin(http, kind, role);
        if (visits.CheckScript(http.Request) is { } forged) return await attempt.RefuseAsync(forged);
        var caller = await EnterAsync(http, attempt);
        if (caller.Refusal is { } unknown) return await attempt.RefuseAsync(unknown);
        var done = await change(attempt);
        return done.Refusal is { } refusal ? await attempt.RefuseAsync(refusal) : done.Value;
    }

    private ValueTask<Result<VerifiedCaller>> EnterAsync(HttpContext http, Attempt attempt)
    {
        visits.Enter(http);
        return callers.AuthenticateMasterAsync(attempt);
    }
}

using Broker.Foundation.Results;
using Broker.Ledger;
using Broker.Refusals;
using Broker.Sessions;

namespace Broker.People;

/// <summary>
/// What everything does that a page of ours sends: it comes from a page that this very browser was given, or it is
/// refused on record.
/// </summary>
internal sealed class PageForms(Visits visits, Attempts attempts)
{
    /// <summary>A form that signs a browser in, or out.</summary>
    public Task<IResult> RunAsync(
        HttpContext http, Func<Attempt, PageForm, Task<Result<IResult>>> run, CancellationToken stop) =>
        RunAsync(http, SessionTokenRelease.Kind, SessionTokenRelease.RequestedRole, run, stop);

    /// <param name="kind">The ledger's kind of what is asked for.</param>
    /// <param name="role">What the ledger calls the role.</param>
    public async Task<IResult> RunAsync(
        HttpContext http, EntryKind kind, string role, Func<Attempt, PageForm, Task<Result<IResult>>> run,
        CancellationToken stop)
    {
        var attempt = attempts.Begin(http, kind, role);
        var form = await PageForm.ReadAsync(http.Request, visits, stop);
        if (form.Refusal is { } forged) return await attempt.RefuseAsync(forged);
        var done = await run(attempt, form.Value);
        return done.Refusal is { } refusal ? await attempt.RefuseAsync(refusal) : done.Value;
    }

    /// <summary>What a script of a page asks for.</summary>
    public async Task<IResult> RunScriptAsync(
        HttpContext http, EntryKind kind, string role, Func<Attempt, Task<Result<IResult>>> run)
    {
        var attempt = attempts.Begin(http, kind, role);
        if (visits.CheckScript(http.Request) is { } forged) return await attempt.RefuseAsync(forged);
        var done = await run(attempt);
        return done.Refusal is { } refusal ? await attempt.RefuseAsync(refusal) : done.Value;
    }
}

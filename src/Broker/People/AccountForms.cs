using Broker.Foundation.Results;
using Broker.Identity;
using Broker.Ledger;
using Broker.Refusals;
using Broker.Sessions;

namespace Broker.People;

/// <summary>
/// What every change on the account page does beyond <see cref="PageForms"/>: the holder of the browser's session is
/// authenticated as everywhere, and the use case runs and records.
/// </summary>
internal sealed class AccountForms(PageForms forms, Visits visits, Callers callers)
{
    /// <summary>A form: when it is done the browser goes back to the page.</summary>
    /// <param name="change">The use case; null when it is done.</param>
    public Task<IResult> RunAsync(
        HttpContext http, EntryKind kind, string role,
        Func<Attempt, VerifiedCaller, PageForm, ValueTask<Refusal?>> change, CancellationToken stop) => forms.RunAsync(
            http, kind, role,
            async (attempt, form) =>
            {
                var caller = await EnterAsync(http, attempt);
                return caller.Refusal is { } unknown ? unknown
                    : await change(attempt, caller.Value, form) is { } refusal ? refusal
                    : new SeeOther("account");
            },
            stop);

    /// <summary>What a script of the page asks for.</summary>
    public Task<IResult> RunScriptAsync(
        HttpContext http, EntryKind kind, string role, Func<Attempt, ValueTask<Result<IResult>>> change) =>
        forms.RunScriptAsync(http, kind, role, async attempt =>
        {
            var caller = await EnterAsync(http, attempt);
            return caller.Refusal is { } unknown ? unknown : await change(attempt);
        });

    private ValueTask<Result<VerifiedCaller>> EnterAsync(HttpContext http, Attempt attempt)
    {
        visits.Enter(http);
        return callers.AuthenticateMasterAsync(attempt);
    }
}

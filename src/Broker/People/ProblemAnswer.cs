using System.Globalization;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Issuer;
using Broker.Pages;
using Broker.Refusals;

namespace Broker.People;

/// <summary>Refuses a form: on record as every refusal is; the person gets a page in its place.</summary>
internal sealed class ProblemAnswer(IssuerOptions issuer)
{
    /// <param name="back">The page to go on from, from the broker's root.</param>
    public async ValueTask<IResult> RefuseAsync(HttpContext http, Attempt attempt, Refusal refusal, string back)
    {
        await attempt.RefuseAsync(refusal);
        http.NoteRefusal(refusal.Code);
        if (refusal.RetryAfter is { } wait)
        {
            http.Response.Headers.RetryAfter =
                Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        return new PageAnswer<Problem>(
            (nameof(Problem.Site), issuer.Authority),
            (nameof(Problem.What), refusal.Detail),
            (nameof(Problem.Reference), http.RequestId()),
            (nameof(Problem.Back), SeeOther.RootOf(http.Request) + back))
        {
            Status = refusal.Code.Status,
        };
    }
}

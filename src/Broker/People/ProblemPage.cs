using Broker.Foundation.Results;
using Broker.Http;
using Broker.Issuer;
using Broker.Pages;

namespace Broker.People;

/// <summary>What a person sees of a refusal: why, the number to ask the operator with, and the way back.</summary>
/// <param name="back">The page to go on from, from the broker's root.</param>
internal sealed class ProblemPage(string back) : IErrorPage
{
    public Task WriteAsync(HttpContext http, Refusal refusal) => new PageAnswer<Problem>(
        (nameof(Problem.Site), http.RequestServices.GetRequiredService<IssuerOptions>().Authority),
        (nameof(Problem.IsOfForm), HttpMethods.IsPost(http.Request.Method)),
        (nameof(Problem.What), refusal.Detail),
        (nameof(Problem.Reference), http.RequestId()),
        (nameof(Problem.Back), SeeOther.RootOf(http.Request) + back))
    {
        Status = refusal.Code.Status,
    }.ExecuteAsync(http);
}

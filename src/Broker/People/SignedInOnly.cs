using Broker.Http;
using Broker.Issuer;
using Broker.Pages;
using Broker.Sessions;

namespace Broker.People;

/// <summary>
/// Pages that need somebody who is signed in, and that people come to from elsewhere. Everybody else is sent to sign in,
/// and comes back.
/// </summary>
internal sealed class SignedInOnly(Visits visits, Callers callers, IssuerOptions issuer)
{
    /// <summary>
    /// Null when the browser is signed in; the request is then its session holder's. Else what to answer.
    /// </summary>
    /// <param name="page">This very page, from the broker's own root; the browser comes back to it.</param>
    public IResult? Enter(HttpContext http, string page)
    {
        // The cookie is strict: a browser that another site sent here has not shown it. A page of ours sends it once
        // more, and then it does.
        var site = http.Request.Headers["Sec-Fetch-Site"].ToString();
        if (site is "cross-site" or "same-site")
        {
            var address = SeeOther.RootOf(http.Request) + page;
            http.Response.Headers["Refresh"] = $"0;url={address}";
            return new PageAnswer<Onward>(
                (nameof(Onward.Site), issuer.Authority), (nameof(Onward.Address), address));
        }

        if (visits.Enter(http) is not null
            && BearerToken.Of(http.Request) is { Refusal: null } bearer && !callers.Session(bearer.Value).IsRefused)
            return null;
        visits.ReturnTo(visits.Session(http.Request) is null ? visits.Open(http) : visits.Restart(http), page);
        return new SeeOther("sign-in");
    }
}

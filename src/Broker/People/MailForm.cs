using Broker.Http;
using Broker.Ledger.Refusals;
using Broker.Refusals;
using Broker.Sessions;
using Broker.SignIn.Email;
using Broker.SignIn.Methods;

namespace Broker.People;

/// <summary>
/// <c>POST /sign-in/mail</c>: mails a link, as <c>POST /v1/auth/email/request</c> does. Its request id stays in the
/// broker; the browser waits on the next page.
/// </summary>
internal static class MailForm
{
    private const string Device = "the browser page of this broker";

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/sign-in/mail", HandleAsync)
        .WithName("signInByMailOnPage").WithSummary("Mails a sign-in link for this browser")
        .TakesForm<Dictionary<string, string>>().Produces(StatusCodes.Status303SeeOther)
        .ProducesRefusals(400, 403, 429, 502, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, Visits visits, ProblemAnswer problems, EmailLimits limits,
        DiskReserve disk, BeginEmailSignIn begin, TimeProvider time, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, SessionTokenRelease.Kind, SessionTokenRelease.RequestedRole);
        var form = await PageForm.ReadAsync(http.Request, visits, stop);
        if (form.Refusal is { } forged) return await problems.RefuseAsync(http, attempt, forged, "sign-in");

        var mailbox = form.Value["email"];
        var begun = await RequestEmailSignIn.RunAsync(
            http, new RequestEmailSignInBody(mailbox, Device), limits, disk, begin);
        if (begun.Refusal is { } refusal) return await problems.RefuseAsync(http, attempt, refusal, "sign-in");

        visits.Keep(
            visits.Open(http),
            new PendingSignIn(
                SignInMethod.EmailLink, begun.Value.RequestId, begun.Value.CompareCode, mailbox, null),
            time.GetUtcNow() + EmailSignInOptions.LinkLifetime);
        return new SeeOther("sign-in/wait");
    }
}

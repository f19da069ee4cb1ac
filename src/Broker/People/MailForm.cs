using Broker.Ledger.Refusals;
using Broker.Refusals;
using Broker.Sessions;
using Broker.SignIn.Email;
using Broker.SignIn.Methods;
using Broker.SignIn.Staged;

namespace Broker.People;

/// <summary>
/// <c>POST /sign-in/mail</c>: mails a link, as <c>POST /v1/auth/email/request</c> does. Its request id stays in the
/// broker; the browser waits on the next page.
/// </summary>
internal static class MailForm
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/sign-in/mail", HandleAsync)
        .IsForm("signInByMailOnPage", "Mails a sign-in link for this browser", "sign-in", 429, 502);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, Visits visits, EmailLimits limits,
        DiskReserve disk, BeginEmailSignIn begin, TimeProvider time, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, SessionTokenRelease.Kind, SessionTokenRelease.RequestedRole);
        var form = await PageForm.ReadAsync(http.Request, visits, stop);
        if (form.Refusal is { } forged) return await attempt.RefuseAsync(forged);

        var mailbox = form.Value["email"];
        var begun = await RequestEmailSignIn.RunAsync(
            http, new RequestEmailSignInBody(mailbox, DeviceLabel.OwnPage), limits, disk, begin);
        if (begun.Refusal is { } refusal) return await attempt.RefuseAsync(refusal);

        visits.Keep(
            visits.Open(http),
            new PendingSignIn(
                SignInMethod.EmailLink, begun.Value.RequestId, begun.Value.CompareCode, mailbox, null),
            time.GetUtcNow() + EmailSignInOptions.LinkLifetime);
        return new SeeOther("sign-in/wait");
    }
}

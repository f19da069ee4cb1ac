using Broker.Ledger.Refusals;
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

    private static Task<IResult> HandleAsync(
        HttpContext http, PageForms forms, Visits visits, EmailLimits limits, DiskReserve disk, BeginEmailSignIn begin,
        TimeProvider time, CancellationToken stop) => forms.RunAsync(
            http,
            async (_, form) =>
            {
                var mailbox = form["email"];
                var begun = await RequestEmailSignIn.RunAsync(
                    http, new RequestEmailSignInBody(mailbox, DeviceLabel.OwnPage), limits, disk, begin);
                if (begun.Refusal is { } refusal) return refusal;
                visits.Keep(
                    visits.Open(http),
                    new PendingSignIn(
                        SignInMethod.EmailLink, begun.Value.RequestId, begun.Value.CompareCode, mailbox, null),
                    time.GetUtcNow() + EmailSignInOptions.LinkLifetime);
                return new SeeOther("sign-in/wait");
            },
            stop);
}

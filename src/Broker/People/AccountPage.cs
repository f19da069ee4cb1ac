using Broker.Issuer;
using Broker.Pages;
using Broker.Sessions;
using Broker.SignIn.Methods;

namespace Broker.People;

/// <summary>
/// <c>GET /account</c>: what the person who is signed in has here, with a form for each thing that can be ended. A
/// browser that is not signed in, or whose session was ended elsewhere, is sent to sign in.
/// </summary>
internal static class AccountPage
{
    public static void Map(WebApplication app)
    {
        app.MapGet("/account", ShowAsync)
            .WithName("accountPage").WithSummary("What the person who is signed in has here")
            .Produces<string>(StatusCodes.Status200OK, "text/html").Produces(StatusCodes.Status303SeeOther);
        SignOutForm.Map(app);
        GrantForms.Map(app);
        AgentForms.Map(app);
        if (app.Services.GetRequiredService<SignInOptions>().Offers(SignInMethod.Passkey)) PasskeyForms.Map(app);
    }

    private static async Task<IResult> ShowAsync(
        HttpContext http, Visits visits, Callers callers, AccountReader reader, IssuerOptions issuer,
        CancellationToken stop)
    {
        if (visits.Enter(http) is not { } session) return new SeeOther("sign-in");
        var caller = await callers.VerifyAsync(http.Request, stop);
        if (caller.IsRefused)
        {
            visits.SignOut(http);
            return new SeeOther("sign-in");
        }

        return new PageAnswer<AccountOverview>(
            (nameof(AccountOverview.Site), issuer.Authority),
            (nameof(AccountOverview.FormToken), visits.FormToken(visits.Open(http))),
            (nameof(AccountOverview.Account), reader.Read(caller.Value, session)))
        {
            FormAction = "'self'",
        };
    }
}

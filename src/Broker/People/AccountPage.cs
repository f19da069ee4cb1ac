using Broker.Issuer;
using Broker.Pages;
using Broker.SignIn.Methods;

namespace Broker.People;

/// <summary>
/// <c>GET /account</c>: what the person who is signed in has here, with a form for each thing that can be ended.
/// </summary>
internal static class AccountPage
{
    public static void Map(WebApplication app)
    {
        app.MapGet("/account", ShowAsync)
            .IsPage("accountPage", "What the person who is signed in has here", "", 429).MaySendElsewhere();
        EntryPage.Map(app);
        SignOutForm.Map(app);
        SessionForms.Map(app);
        GrantForms.Map(app);
        AgentForms.Map(app);
        LinkForms.Map(app);
        if (app.Services.GetRequiredService<SignInOptions>().Offers(SignInMethod.Passkey)) PasskeyForms.Map(app);
    }

    private static Task<IResult> ShowAsync(
        HttpContext http, AccountVisits account, Visits visits, AccountReader reader, IssuerOptions issuer,
        CancellationToken stop) => account.ShowAsync(
            http,
            (caller, session) => new PageAnswer<AccountOverview>(
                (nameof(AccountOverview.Site), issuer.Authority),
                (nameof(AccountOverview.Issuer), issuer.Issuer),
                (nameof(AccountOverview.FormToken), visits.FormToken(visits.Open(http))),
                (nameof(AccountOverview.Account), reader.Read(caller, session)))
            {
                FormAction = "'self'",
            },
            stop);
}

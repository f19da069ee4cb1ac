using Broker.Issuer;
using Broker.Pages;
using Broker.SignIn.Methods;
using Broker.SignIn.Oidc;

namespace Broker.People;

/// <summary>
/// <c>GET /sign-in</c>: the forms of the ways to sign in that this broker offers. Each ends in a session that the broker
/// keeps; the browser gets a cookie. A browser that is signed in is sent to its account.
/// </summary>
internal static class SignInPage
{
    public const string Path = "/sign-in";

    public static void Map(WebApplication app)
    {
        app.MapGet(Path, Show)
            .IsPage("signInPage", "The page on which people sign in", "").MaySendElsewhere();
        var methods = app.Services.GetRequiredService<SignInOptions>();
        if (methods.Offers(SignInMethod.Passkey)) PasskeyForm.Map(app);
        if (methods.Offers(SignInMethod.WalletSignature)) WalletForm.Map(app);
        if (methods.Offers(SignInMethod.EmailLink)) MailForm.Map(app);
        if (app.Services.GetRequiredService<OidcOptions>().Providers.Count > 0) ProviderForm.Map(app);
        WaitingPage.Map(app);
    }

    private static IResult Show(
        HttpContext http, Visits visits, IssuerOptions issuer, SignInOptions methods, OidcOptions providers)
    {
        if (visits.Session(http.Request) is not null) return new SeeOther("account");
        var id = visits.Open(http);
        return new PageAnswer<SignInForms>(
            (nameof(SignInForms.Site), issuer.Authority),
            (nameof(SignInForms.FormToken), visits.FormToken(id)),
            (nameof(SignInForms.HasMail), methods.Offers(SignInMethod.EmailLink)),
            (nameof(SignInForms.HasPasskey), methods.Offers(SignInMethod.Passkey)),
            (nameof(SignInForms.HasWallet), methods.Offers(SignInMethod.WalletSignature)),
            (nameof(SignInForms.Providers), providers.Providers.Values
                .Select(one => new ProviderChoice(one.Name, NameOf(one))).ToArray()))
        {
            FormAction = "'self'",
        };
    }

    /// <summary>What people call a provider.</summary>
    public static string NameOf(OidcProvider provider) =>
        provider.Name == OidcProvider.Google ? "Google" : provider.Issuer.Host;
}

/// <summary>A provider that one can sign in at.</summary>
public sealed record ProviderChoice(string Name, string Words);

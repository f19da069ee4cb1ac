using Broker.Ledger.Refusals;
using Broker.SignIn.Oidc;
using Broker.SignIn.Staged;

namespace Broker.People;

/// <summary>
/// <c>POST /sign-in/provider</c>: begins a sign-in at an OpenID provider, as <c>POST /v1/auth/oauth2/start</c> does. The
/// next page leads there: the page's policy lets no form go to another site.
/// </summary>
internal static class ProviderForm
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/sign-in/provider", HandleAsync)
        .IsForm(
            "signInAtProviderOnPage", "Begins a sign-in at an OpenID provider for this browser", "sign-in", 429, 502);

    private static Task<IResult> HandleAsync(
        HttpContext http, PageForms forms, Visits visits, OidcOptions options, OidcLimit limit, DiskReserve disk,
        IServiceProvider services, IStagedSignIns signIns, TimeProvider time, CancellationToken stop) => forms.RunAsync(
            http,
            async (_, form) =>
            {
                var wanted = new StartOidcSignInRequest(form["provider"], DeviceLabel.OwnPage);
                var begun = await StartOidcSignIn.RunAsync(
                    http, wanted, options, limit, disk, services, signIns, time, stop);
                if (begun.Refusal is { } refusal) return refusal;
                var provider = options.Providers[begun.Value.Provider];
                visits.Keep(
                    visits.Open(http),
                    new PendingSignIn(
                        StartOidcSignIn.Staged, begun.Value.RequestId, begun.Value.CompareCode,
                        SignInPage.NameOf(provider), begun.Value.AuthorizationUrl),
                    time.GetUtcNow() + OidcOptions.Lifetime);
                return new SeeOther("sign-in/wait");
            },
            stop);
}

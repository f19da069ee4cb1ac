using Broker.Issuer;
using Broker.Pages;

namespace Broker.SignIn.Email;

/// <summary>
/// <c>GET /auth/email/landing</c>: where the link leads. The page is the same for everybody: the token stands in the
/// fragment, which its script takes out of the address at once. Nothing is confirmed before the person does so.
/// </summary>
internal static class LandingPage
{
    public const string Path = "/auth/email/landing";

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet(Path,
            (IssuerOptions issuer, EmailSignInOptions options) => new PageAnswer<Landing>(
                (nameof(Landing.Site), issuer.Authority),
                (nameof(Landing.RedirectTo), options.SuccessRedirect?.AbsoluteUri)))
        .WithName("emailLanding")
        .WithSummary("The page of a sign-in link")
        .Produces<string>(StatusCodes.Status200OK, "text/html");
}

using Broker.Issuer;
using Broker.Pages;

namespace Broker.IssuerEvidence;

/// <summary>
/// <c>GET /verify</c>: a page whose script checks an issuer's evidence and a receipt in the browser, as
/// <c>brokerctl issuer verify</c> does. It holds all of its script and loads none.
/// </summary>
internal static class VerifyPage
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/verify", Show)
        .WithName("verifyPage").WithSummary("Checks the issuer's evidence and a receipt in the browser")
        .Produces<string>(StatusCodes.Status200OK, "text/html");

    private static PageAnswer<Verify> Show(IssuerOptions issuer) => new(
        (nameof(Verify.Site), issuer.Authority), (nameof(Verify.Issuer), issuer.Issuer));
}

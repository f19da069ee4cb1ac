using Broker.Http;
using Broker.Sessions;
using Broker.SignIn.Passkey;

namespace Broker.People;

/// <summary><c>POST /sign-in/passkey</c>: as <c>POST /v1/auth/passkey/verify</c>, with a cookie for an answer.</summary>
internal static class PasskeyForm
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/sign-in/passkey", (
            HttpContext http, BrowserSignIn signIn, ProvePasskey prove, IssueSession issue,
            CancellationToken stop) => signIn.RunAsync(
                http, attempt => VerifyPasskeySignIn.RunAsync(attempt, prove, issue, stop)))
        .WithName("signInByPasskeyOnPage").WithSummary("Signs a browser in by a passkey's signature")
        .Accepts<VerifyPasskeySignInRequest>("application/json").Produces(StatusCodes.Status204NoContent)
        .ProducesRefusals(400, 401, 403, 413, 415, 500, 503);
}

using Broker.Http;
using Broker.Sessions;
using Broker.SignIn.Wallet;

namespace Broker.People;

/// <summary><c>POST /sign-in/wallet</c>: as <c>POST /v1/auth/wallet/verify</c>, with a cookie for an answer.</summary>
internal static class WalletForm
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/sign-in/wallet", (
            HttpContext http, BrowserSignIn signIn, ProveWallet prove, IssueSession issue,
            CancellationToken stop) => signIn.RunAsync(
                http, attempt => VerifyWalletSignIn.RunAsync(attempt, prove, issue, stop)))
        .WithName("signInByWalletOnPage").WithSummary("Signs a browser in by a signed EIP-4361 message")
        .Accepts<VerifyWalletSignInRequest>("application/json").Produces(StatusCodes.Status204NoContent)
        .ProducesRefusals(400, 401, 403, 413, 415, 500, 503);
}

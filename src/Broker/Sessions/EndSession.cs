using Broker.Http;
using Broker.Ledger;
using Broker.Releases;

namespace Broker.Sessions;

/// <summary>
/// <c>POST /v1/auth/session/end</c>: the holder ends its own session; from the answer on the token is refused.
/// Credentials that it fetched earlier live until they expire: neither STS keys nor OIDC tokens can be called back.
/// </summary>
internal static class EndSession
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/auth/session/end", HandleAsync)
        .WithName("endSession")
        .WithSummary("End the session of the bearer")
        .TakesBearer()
        .Produces(StatusCodes.Status204NoContent)
        .ProducesRefusals(401, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Callers callers, RevokedSessions revoked, RefusalRecords refusals, CancellationToken stop)
    {
        var asked = new RefusedRequest(LedgerKind.SessionToken, SessionTokenRelease.RequestedRole);
        var bearer = BearerToken.Of(http.Request);
        if (bearer.Refusal is { } missing) return await refusals.RefuseAsync(http, missing, asked, stop);
        var session = callers.Session(bearer.Value);
        if (session.Refusal is { } unknown)
            return await refusals.RefuseAsync(http, unknown, asked with { BearerHash = bearer.Value.Hash }, stop);

        revoked.Revoke(session.Value.TokenId, session.Value.ValidUntil);
        return TypedResults.NoContent();
    }
}

using Broker.Http;
using Broker.Refusals;

namespace Broker.Sessions;

/// <summary>
/// <c>POST /v1/auth/session/end</c>: the holder ends its own session; from the answer on the token is refused. The end
/// is an entry of the ledger. Credentials that the session fetched earlier live until they expire: neither STS keys nor
/// OIDC tokens can be called back.
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
        HttpContext http, Attempts attempts, Callers callers, RevokeSession revoke)
    {
        var attempt = attempts.Begin(http, SessionTokenRelease.Kind, SessionTokenRelease.RequestedRole);
        var bearer = BearerToken.Of(http.Request);
        if (bearer.Refusal is { } missing) return await attempt.RefuseAsync(missing);
        attempt.Know(bearer.Value);
        var session = callers.Session(bearer.Value);
        if (session.Refusal is { } unknown) return await attempt.RefuseAsync(unknown);

        await revoke.RunAsync(session.Value, bearer.Value.Hash, attempt.RequestId, "its holder");
        return TypedResults.NoContent();
    }
}

using Broker.Http;
using Broker.Ledger;
using Broker.Ledger.Writing;
using Broker.Refusals;

namespace Broker.Sessions;

/// <summary>
/// <c>POST /v1/auth/session/end</c>: the holder ends its own session; from the answer on the token is refused. The end
/// is an entry of the ledger. Credentials that the session fetched earlier live until they expire: neither STS keys nor
/// OIDC tokens can be called back.
/// </summary>
internal static partial class EndSession
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/auth/session/end", HandleAsync)
        .WithName("endSession")
        .WithSummary("End the session of the bearer")
        .TakesBearer()
        .Produces(StatusCodes.Status204NoContent)
        .ProducesRefusals(401, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, Callers callers, RevokedSessions revoked, ReleaseLedger ledger,
        TimeProvider time, ILogger<RevokedSessions> log)
    {
        var attempt = attempts.Begin(http, LedgerKind.SessionToken, SessionTokenRelease.RequestedRole);
        var bearer = BearerToken.Of(http.Request);
        if (bearer.Refusal is { } missing) return await attempt.RefuseAsync(missing);
        attempt.Know(bearer.Value);
        var session = callers.Session(bearer.Value);
        if (session.Refusal is { } unknown) return await attempt.RefuseAsync(unknown);

        // Revoked first: a ledger that cannot write must not keep anybody's session alive.
        revoked.Revoke(session.Value.TokenId, session.Value.ValidUntil);
        try
        {
            await ledger.AppendAsync(
                Entry(session.Value, bearer.Value, http.RequestId(), time.GetUtcNow()), CancellationToken.None);
        }
        catch (LedgerUnavailableException fault)
        {
            LogNotRecorded(log, http.RequestId(), fault);
        }

        return TypedResults.NoContent();
    }

    private static LedgerEntry Entry(
        VerifiedSession session, BearerToken bearer, string requestId, DateTimeOffset now)
    {
        return new LedgerEntry
        {
            MintedAt = now.ToUnixTimeSeconds(),
            RequesterToken = bearer.Hash,
            RequesterWallet = session.Identity.Wallet?.ToString() ?? session.Identity.Omni.ToString(),
            RequestedRole = SessionTokenRelease.RequestedRole,
            SessionDurationSeconds = 0,
            StsSessionName = session.TokenId,
            Outcome = LedgerOutcome.Revoked,
            OutcomeDetail = $"the session of {session.TokenId} was ended by its holder",
            RecordId = RecordId.New(now).ToString(),
            Kind = LedgerKind.SessionToken,
            ActorOmni = session.Identity.Omni.ToString(),
            RequestId = requestId,
        };
    }

    [LoggerMessage(Level = LogLevel.Error,
        Message = "the end of a session is not on record, request {RequestId}: the ledger cannot write")]
    private static partial void LogNotRecorded(ILogger log, string requestId, Exception fault);
}

using System.Text.Json.Serialization;
using Broker.Configuration;
using Broker.Http;
using Broker.Identity;
using Broker.Ledger;
using Broker.Releases;

namespace Broker.Sessions;

/// <summary>The answer of <c>POST /v1/auth/exchange</c> (contract §2.9).</summary>
internal sealed record ExchangeAnswer(
    [property: JsonPropertyName("session_jwt")] string SessionToken,
    [property: JsonPropertyName("session_jwt_kid")] string KeyId,
    [property: JsonPropertyName("expires_at")] long ExpiresAt,
    [property: JsonPropertyName("omni_account")] string OmniAccount,
    [property: JsonPropertyName("audit_record_id")] string AuditRecordId);

/// <summary>
/// <c>POST /v1/auth/exchange</c>: a session token for a legacy bearer that the backend vouches for, so that a client
/// can leave the backend behind.
/// </summary>
internal static class ExchangeBearer
{
    private const string How = "legacy_bearer";

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/auth/exchange", HandleAsync)
        .WithName("exchangeBearer")
        .WithSummary("A session token for a legacy bearer")
        .TakesBearer()
        .Produces<ExchangeAnswer>()
        .ProducesRefusals(401, 502, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Callers callers, SessionTokens tokens, ReleaseLedger ledger, RefusalRecords refusals,
        BrokerOptions options, TimeProvider time)
    {
        var asked = new RefusedRequest(LedgerKind.SessionToken, SessionTokenRelease.RequestedRole);

        // 1. Who asks? Only the legacy backend can say; a session token has nothing to exchange.
        var bearer = BearerToken.Of(http.Request);
        if (bearer.Refusal is { } missing) return await refusals.RefuseAsync(http, missing, asked);
        asked = asked with { BearerHash = bearer.Value.Hash };
        if (bearer.Value.LooksLikeJwt)
        {
            var already = new Refusal(RefusalCode.InvalidBearer, "the bearer is a token already, not a legacy bearer");
            return await refusals.RefuseAsync(http, already, asked);
        }

        var caller = await callers.VerifyAsync(bearer.Value, CancellationToken.None);
        if (caller.Refusal is { } unknown) return await refusals.RefuseAsync(http, unknown, asked);

        http.NoteActor(caller.Value.Actor);

        // 2. What they get: a session of the wallet's own actor.
        var now = time.GetUtcNow();
        var wallet = caller.Value.Wallet!.Value;
        var release = new SessionTokenRelease(
            RecordId.New(now), new SessionIdentity(caller.Value.Actor, wallet, IdentityType.Evm, wallet.ToString()),
            now, options.Sessions.TokenLifetime, How, tokens.KeyId, http.RequestId(), caller.Value.BearerHash);

        // 3. On record first.
        var recorded = await ledger.RecordAsync(release, CancellationToken.None);

        // 4. Only a recorded release can be signed.
        return TypedResults.Ok(new ExchangeAnswer(
            tokens.Sign(recorded), tokens.KeyId, release.ExpiresAt.ToUnixTimeSeconds(),
            release.Identity.Omni.ToString(), recorded.Receipt.RecordId));
    }
}

using System.Text.Json.Serialization;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;
using Broker.Refusals;

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
        HttpContext http, Attempts attempts, Callers callers, IssueSession issue)
    {
        var attempt = attempts.Begin(http, SessionTokenRelease.Kind, SessionTokenRelease.RequestedRole);

        // Only the legacy backend can say who asks; a session token has nothing to exchange.
        var bearer = BearerToken.Of(http.Request);
        if (bearer is { Refusal: null, Value.LooksLikeJwt: true })
        {
            attempt.Know(bearer.Value);
            return await attempt.RefuseAsync(new Refusal(
                SessionRefusals.InvalidBearer, "the bearer is a token already, not a legacy bearer"));
        }

        var caller = await callers.AuthenticateAsync(attempt);
        if (caller.Refusal is { } unknown) return await attempt.RefuseAsync(unknown);

        // What they get: a session of the wallet's own actor.
        var wallet = caller.Value.Wallet!.Value;
        var identity = new SessionIdentity(caller.Value.Actor, wallet, IdentityType.Evm, wallet.ToString());
        var issued = await issue.RunAsync(identity, How, attempt.RequestId, caller.Value.BearerHash);
        return TypedResults.Ok(new ExchangeAnswer(
            issued.Token, issued.KeyId, issued.ExpiresAt.ToUnixTimeSeconds(), issued.Identity.Omni.ToString(),
            issued.RecordId));
    }
}

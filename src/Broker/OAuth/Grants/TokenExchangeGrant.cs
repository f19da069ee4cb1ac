using Broker.Foundation.Results;
using Broker.Http;
using Broker.OAuth.Protocol;
using Broker.Tokens;
using OpenIddict.Abstractions;

namespace Broker.OAuth.Grants;

/// <summary>
/// Token exchange (RFC 8693). A session token as <c>subject_token</c> gives an OIDC token with
/// <c>audience=sts.amazonaws.com</c> or another configured one; <c>role</c> and <c>ttl_seconds</c> are as at
/// <c>POST /v1/mint-oidc-jwt</c>, and <c>mint_request</c> is that route's JSON body as a whole, for the signed form.
/// With <c>requested_token_type=…:access_token</c> it gives a session that may do less. A token of a foreign issuer
/// gives either.
/// </summary>
internal sealed class TokenExchangeGrant(IssueOidcToken issue, SessionExchange own, ForeignExchange foreign) : IGrant
{
    public string Type => OpenIddictConstants.GrantTypes.TokenExchange;

    public async ValueTask<Result<IProvenGrant>> ProveAsync(
        OAuthCall call, OpenIddictRequest request, string? clientId)
    {
        if (!request.GetResources().IsEmpty)
            return new Refusal(OAuthRefusals.InvalidTarget, "send audience, and no resource");
        var isSession = ExchangeTypes.WantedBy(request) == ExchangeTypes.Session;
        var wish = isSession ? ExchangeWish.ForSession(request) : ExchangeWish.ForToken(request);
        if (wish.Refusal is { } unreadable) return unreadable;
        var bearer = BearerToken.Of(request.SubjectToken!, call.Key);
        if (bearer.Refusal is { } malformed) return malformed;
        call.Attempt.Know(bearer.Value);
        if (!isSession) call.Attempt.Name(null, issue.KeyIdFor(wish.Value.Audience));
        if (!ExchangeTypes.IsForeign(request)) return await own.ProveAsync(call, request, bearer.Value, wish.Value);
        return request.ActorToken is null
            ? await foreign.ProveAsync(call, bearer.Value, wish.Value, clientId)
            : new Refusal(OAuthRefusals.InvalidRequest, "actor_token goes with a session for its subject_token");
    }
}

using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;
using Broker.Refusals;

namespace Broker.Sessions;

/// <summary>
/// Authentication in a process without the broker: a session token is verified by the public halves of the broker's keys,
/// and then the broker is asked whether the session still holds. Legacy bearers, sessions that are bound to a key and
/// tokens for another audience are refused.
/// </summary>
internal sealed class IntrospectedCallers(SessionTokenReader tokens, Introspection broker) : ICallers
{
    public async ValueTask<Result<VerifiedCaller>> AuthenticateAsync(Attempt attempt)
    {
        var bearer = BearerToken.Of(attempt.Request);
        if (bearer.Refusal is { } missing) return missing;
        attempt.Know(bearer.Value);
        var caller = await VerifyAsync(bearer.Value);
        if (caller.Refusal is null) attempt.Know(caller.Value);
        return caller;
    }

    private async ValueTask<Result<VerifiedCaller>> VerifyAsync(BearerToken bearer)
    {
        if (!bearer.LooksLikeJwt)
            return new Refusal(SessionRefusals.LegacyBearerNotAccepted, "the bearer is not a session token");
        var session = tokens.Verify(bearer.Text);
        if (session.Refusal is { } refusal) return refusal;
        var who = session.Value.Identity;
        if (who.Terms?.Resource is not null)
            return new Refusal(SessionRefusals.InvalidBearer, "the session token is for another audience");
        if (who.Key is not null || bearer.IsProven)
            return new Refusal(SessionRefusals.InvalidBearer, "only the broker itself takes a session that is bound to a key");
        if (await broker.CheckAsync(bearer) is { } ended) return ended;
        return Callers.Of(session.Value, bearer, who.Derivation);
    }
}

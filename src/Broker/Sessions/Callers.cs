using Broker.Configuration;
using Broker.Http;
using Broker.Identity;
using Broker.Operations;

namespace Broker.Sessions;

/// <summary>
/// Authentication: turns a bearer into a <see cref="VerifiedCaller"/>. A session token is verified here; an opaque
/// bearer is asked about at the legacy backend, where one is configured.
/// </summary>
internal sealed class Callers(
    SessionTokens tokens, VerifiedSessions verified, RevokedSessions revoked, IServiceProvider services,
    BrokerOptions options, BrokerMetrics metrics, TimeProvider time)
{
    // Only where BROKER_BACKEND_URL is set.
    private readonly LegacyBackend? _backend = services.GetService<LegacyBackend>();

    /// <summary>
    /// Verifies the bearer of <paramref name="request"/>; the backend may be asked, so it may take its time-out.
    /// </summary>
    public async ValueTask<Outcome<VerifiedCaller>> VerifyAsync(HttpRequest request, CancellationToken stop)
    {
        var bearer = BearerToken.Of(request);
        if (bearer.Refusal is { } missing) return missing;
        return await VerifyAsync(bearer.Value, stop);
    }

    public async ValueTask<Outcome<VerifiedCaller>> VerifyAsync(BearerToken bearer, CancellationToken stop)
    {
        var caller = bearer.LooksLikeJwt ? VerifySession(bearer) : await VerifyLegacyAsync(bearer, stop);
        metrics.CountAuthentication(caller.Refusal);
        return caller;
    }

    /// <summary>The session behind the bearer, for the routes that act on the session itself.</summary>
    public Outcome<VerifiedSession> Session(BearerToken bearer)
    {
        // A token is verified once and remembered by its hash until it expires; revocation is asked each time.
        if (!verified.TryGet(bearer.Hash, out var session))
        {
            var fresh = tokens.Verify(bearer.Text);
            if (fresh.Refusal is { } refusal) return refusal;
            session = fresh.Value;
            verified.Remember(bearer.Hash, session);
        }

        return revoked.Contains(session.TokenId)
            ? new Refusal(RefusalCode.SessionRevoked, "the session was ended by its holder")
            : session;
    }

    private Outcome<VerifiedCaller> VerifySession(BearerToken bearer)
    {
        var session = Session(bearer);
        if (session.Refusal is { } refusal) return refusal;
        var (_, identity, until) = session.Value;
        return new VerifiedCaller(CallerProof.SessionToken, identity.Omni, identity.Wallet, bearer.Hash, until);
    }

    private async ValueTask<Outcome<VerifiedCaller>> VerifyLegacyAsync(BearerToken bearer, CancellationToken stop)
    {
        if (_backend is null)
        {
            return new Refusal(RefusalCode.LegacyBearerNotAccepted,
                "the bearer is not a session token, and this broker has no legacy backend to ask");
        }

        var wallet = await _backend.ValidateAsync(bearer, stop);
        if (wallet.Refusal is { } refusal) return refusal;
        var actor = ActorOmni.OfWallet(options.ClientId, wallet.Value);
        var validUntil = time.GetUtcNow() + options.Sessions.TokenLifetime;
        return new VerifiedCaller(CallerProof.LegacyBearer, actor, wallet.Value, bearer.Hash, validUntil);
    }
}

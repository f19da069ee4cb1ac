using System.Text.Json.Serialization.Metadata;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;
using Broker.Ledger;
using Broker.Refusals;
using Broker.Sessions.Proofs;

namespace Broker.Sessions;

/// <summary>
/// Authentication: turns a bearer into a <see cref="VerifiedCaller"/>. A session token is verified here; an opaque
/// bearer is asked about at the legacy backend, where one is configured.
/// </summary>
internal sealed class Callers(
    SessionTokenReader tokens, VerifiedSessions verified, RevokedSessions revoked, KeyProofs proofs,
    IServiceProvider services, IdentityOptions identities, SessionOptions options,
    SessionMetrics metrics, TimeProvider time) : ICallers
{
    // Only where BROKER_BACKEND_URL is set.
    private readonly LegacyBackend? _backend = services.GetService<LegacyBackend>();

    /// <summary>
    /// Verifies the bearer of <paramref name="request"/>; the backend may be asked, so it may take its time-out.
    /// </summary>
    public async ValueTask<Result<VerifiedCaller>> VerifyAsync(HttpRequest request, CancellationToken stop)
    {
        var bearer = BearerToken.Of(request);
        if (bearer.Refusal is { } missing) return missing;
        return await VerifyAsync(bearer.Value, stop);
    }

    public async ValueTask<Result<VerifiedCaller>> AuthenticateAsync(Attempt attempt)
    {
        var bearer = BearerToken.Of(attempt.Request);
        if (bearer.Refusal is { } missing) return missing;
        return await AuthenticateAsync(attempt, bearer.Value);
    }

    /// <summary>The same with a bearer that the route has read.</summary>
    public async ValueTask<Result<VerifiedCaller>> AuthenticateAsync(Attempt attempt, BearerToken bearer)
    {
        attempt.Know(bearer);
        var caller = await VerifyAsync(bearer, CancellationToken.None);
        if (caller.Refusal is null) attempt.Know(caller.Value);
        return caller;
    }

    /// <summary>
    /// The same for what only a master may do: the session of an agent is refused, and so is that of a workload, whose
    /// agents and links would outlive its rule.
    /// </summary>
    public async ValueTask<Result<VerifiedCaller>> AuthenticateMasterAsync(Attempt attempt)
    {
        var caller = await AuthenticateAsync(attempt);
        return caller switch
        {
            { Refusal: null, Value.Agent: not null } => new Refusal(
                SessionRefusals.NotAMaster, "the session is an agent's; this is for its master"),
            { Refusal: null, Value.Derivation: not null } => new Refusal(
                SessionRefusals.NotAMaster, "the session was exchanged for another one; this is for that one's holder"),
            { Refusal: null, Value.Workload: not null } => new Refusal(
                SessionRefusals.NotAMaster, "the session is a workload's, which is nobody's master"),
            _ => caller,
        };
    }

    /// <summary>A master's request: who asks, then what it says. A body is not looked at for a stranger.</summary>
    public async ValueTask<Result<MasterRequest<T>>> ReadMasterAsync<T>(
        Attempt attempt, JsonTypeInfo<T> form, CancellationToken stop)
        where T : class
    {
        var caller = await AuthenticateMasterAsync(attempt);
        if (caller.Refusal is { } unknown) return unknown;
        var read = await RequestJson.ReadAsync(attempt.Request, form, stop);
        return read.Refusal is { } unreadable ? unreadable : new MasterRequest<T>(caller.Value, read.Value);
    }

    public async ValueTask<Result<VerifiedCaller>> VerifyAsync(BearerToken bearer, CancellationToken stop)
    {
        var caller = bearer.LooksLikeJwt ? VerifySession(bearer) : await VerifyLegacyAsync(bearer, stop);
        metrics.Count(caller.Refusal);
        return caller;
    }

    /// <summary>The session behind the bearer, for the routes that act on the session itself.</summary>
    public Result<VerifiedSession> Session(BearerToken bearer)
    {
        var session = SessionForAnybody(bearer);
        if (session.Refusal is not null) return session;
        if (session.Value.Identity.Terms?.Resource is not null)
        {
            return new Refusal(
                SessionRefusals.InvalidBearer, "the session token is for another audience than this broker");
        }

        return CheckProof(bearer, session.Value) is { } unproven ? unproven : session;
    }

    /// <summary>Null where whoever sent the token also holds its key, or it has none.</summary>
    public Refusal? CheckProof(BearerToken bearer, VerifiedSession session)
    {
        if (session.Identity.Key is not { } key)
        {
            return bearer.IsProven
                ? new Refusal(SessionRefusals.InvalidBearer, "the session token is bound to no key: send it as a bearer")
                : null;
        }

        if (bearer.ProvenKey is { } otherwise && otherwise == key) return null;
        if (bearer is not { IsProven: true, Request: { } request })
            return new Refusal(ProofRefusals.Missing, "the session token is bound to a key, whose proof is missing");
        var proven = proofs.Verify(request, bearer.Text);
        if (proven.Refusal is { } refusal) return refusal;
        return proven.Value == key ? null : new Refusal(ProofRefusals.Invalid, "the proof is by another key");
    }

    /// <summary>
    /// The same where the token may also be for somebody else (RFC 8707), and without a look at its proof: to tell what
    /// it says, and to end it.
    /// </summary>
    public Result<VerifiedSession> SessionForAnybody(BearerToken bearer)
    {
        // A token is verified once and remembered by its hash until it expires; revocation is asked each time.
        if (!verified.TryGet(bearer.Hash, out var session))
        {
            var fresh = tokens.Verify(bearer.Text);
            if (fresh.Refusal is { } refusal) return refusal;
            session = fresh.Value;
            verified.Remember(bearer.Hash, session);
        }

        return revoked.Contains(session.TokenId) || session.Identity.Derivation?.Sources.Any(revoked.Contains) == true
            ? new Refusal(SessionRefusals.SessionRevoked, "the session was ended by its holder")
            : session;
    }

    private Result<VerifiedCaller> VerifySession(BearerToken bearer)
    {
        var session = Session(bearer);
        if (session.Refusal is { } refusal) return refusal;
        return Of(session.Value, bearer, session.Value.Identity.Derivation);
    }

    /// <summary>The caller of a session that was verified in this request, with what is derived from it.</summary>
    public static VerifiedCaller Of(VerifiedSession session, BearerToken bearer, Derivation? derivation)
    {
        var who = session.Identity;
        return new VerifiedCaller(CallerProof.SessionToken, who.Omni, who.Wallet, bearer.Hash, session.ValidUntil)
        {
            ClientId = who.Type == IdentityType.OAuthClient ? who.Value : who.Terms?.ClientId,
            Agent = who.Agent,
            Workload = who.Workload,
            Derivation = derivation,
        };
    }

    /// <summary>The holder of a capability that was verified in this request.</summary>
    /// <param name="hash">Of the capability.</param>
    public static VerifiedCaller OfCapability(ActorOmni actor, Sha256Digest hash, DateTimeOffset validUntil) =>
        new(CallerProof.Capability, actor, null, hash, validUntil);

    /// <summary>A caller for whom a foreign issuer vouched, whose token was verified in this request.</summary>
    /// <param name="clientId">The client that sent the token, proven; null where none did.</param>
    public VerifiedCaller Vouched(
        Workload workload, BearerToken token, DateTimeOffset validUntil, string? clientId) => new(
        CallerProof.ForeignToken, workload.OmniAt(identities.ClientId), null, token.Hash, validUntil)
        {
            ClientId = clientId,
            Workload = workload,
        };

    private async ValueTask<Result<VerifiedCaller>> VerifyLegacyAsync(BearerToken bearer, CancellationToken stop)
    {
        if (bearer.IsProven) return new Refusal(SessionRefusals.InvalidBearer, "the token is not bound to a key");
        if (_backend is null)
        {
            return new Refusal(SessionRefusals.LegacyBearerNotAccepted,
                "the bearer is not a session token, and this broker has no legacy backend to ask");
        }

        var wallet = await _backend.ValidateAsync(bearer, stop);
        if (wallet.Refusal is { } refusal) return refusal;
        var actor = ActorOmni.OfWallet(identities.ClientId, wallet.Value);
        var validUntil = time.GetUtcNow() + options.TokenLifetime;
        return new VerifiedCaller(CallerProof.LegacyBearer, actor, wallet.Value, bearer.Hash, validUntil);
    }
}

/// <summary>What a master asks for.</summary>
internal sealed record MasterRequest<T>(VerifiedCaller Caller, T Body)
    where T : class;

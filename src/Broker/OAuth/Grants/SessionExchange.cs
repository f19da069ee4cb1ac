using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;
using Broker.OAuth.Protocol;
using Broker.Releases;
using Broker.Roles;
using Broker.Sessions;
using Broker.Tokens;
using OpenIddict.Abstractions;

namespace Broker.OAuth.Grants;

/// <summary>
/// Exchanges a session for an OIDC token, or for a session that may do less: for one role, for fewer scopes, for a
/// shorter time. With an agent's session as <c>actor_token</c> beside its master's, what is issued has the master for
/// its subject and says in <c>act</c> that the agent acts.
/// </summary>
internal sealed class SessionExchange(
    Callers callers, IssueSession sessions, IssueOidcToken tokens, LiveRoles roles, TimeProvider time)
{
    /// <summary>What a session was issued for, in its entry.</summary>
    private const string How = "token_exchange";

    public async ValueTask<Result<IProvenGrant>> ProveAsync(
        OAuthCall call, OpenIddictRequest request, BearerToken bearer, ExchangeWish wish)
    {
        if (wish.Audience is not null && request.ActorToken is null)
        {
            var caller = await callers.VerifyAsync(bearer, CancellationToken.None);
            if (caller.Refusal is { } unknown) return unknown;
            call.Attempt.Know(caller.Value);
            return new TokenGrant(tokens, caller.Value, wish, call.Attempt.RequestId);
        }

        var subject = callers.Session(bearer);
        if (subject.Refusal is { } refusal) return refusal;
        call.Attempt.Know(Callers.Of(subject.Value, bearer, subject.Value.Identity.Derivation));
        var derived = Derive(call, request, subject.Value);
        if (derived.Refusal is { } denied) return denied;
        return wish.Audience is null
            ? Narrow(call, request, derived.Value, wish)
            : new TokenGrant(
                tokens, Callers.Of(derived.Value, bearer, derived.Value.Identity.Derivation), wish,
                call.Attempt.RequestId);
    }

    /// <summary>The subject's session with what is derived: its sources, its end, the agent that acts.</summary>
    private Result<VerifiedSession> Derive(OAuthCall call, OpenIddictRequest request, VerifiedSession subject)
    {
        var before = subject.Identity.Derivation;
        List<string> sources = [.. before?.Sources ?? [], subject.TokenId];
        var (acting, until) = (before?.Acting, subject.ValidUntil);
        if (request.ActorToken is { } text)
        {
            var actor = ActorOf(call, text, subject.Identity);
            if (actor.Refusal is { } refusal) return refusal;
            var agent = actor.Value.Identity.Agent!;
            acting = new ActingAgent(actor.Value.Identity.Omni, agent.DerivationPath, agent.Device, acting);
            sources.Add(actor.Value.TokenId);
            if (actor.Value.ValidUntil < until) until = actor.Value.ValidUntil;
        }

        if (sources.Count > Derivation.MostSources || acting?.Line.Count() > ActingAgent.MostInLine)
        {
            return new Refusal(
                OAuthRefusals.InvalidRequest, "the session was exchanged too often: exchange an earlier one");
        }

        return subject with
        {
            ValidUntil = until,
            Identity = subject.Identity with { Derivation = new Derivation(sources, before?.Role) { Acting = acting } },
        };
    }

    private Result<VerifiedSession> ActorOf(OAuthCall call, string text, SessionIdentity subject)
    {
        var bearer = BearerToken.Of(text, call.Key);
        if (bearer.Refusal is { } malformed) return malformed.Within("actor_token");
        var actor = callers.Session(bearer.Value);
        if (actor.Refusal is { } unknown) return unknown.Within("actor_token");
        return actor.Value.Identity is { Agent: { } agent, Derivation: null } && agent.Parent == subject.Omni
            && subject is { Agent: null, Workload: null, Type: not IdentityType.OAuthClient }
                ? actor
                : new Refusal(ExchangeRefusals.ActorNotOfSubject,
                    "the actor_token is not the own session of an agent that the subject has paired");
    }

    private Result<IProvenGrant> Narrow(
        OAuthCall call, OpenIddictRequest request, VerifiedSession derived, ExchangeWish wish)
    {
        var left = derived.ValidUntil - time.GetUtcNow();
        if (wish.LifetimeSeconds is { } seconds && (seconds < 1 || seconds > left.TotalSeconds))
        {
            return new Refusal(ReleaseRefusals.LifetimeOutOfBounds,
                $"ttl_seconds must be between 1 and {(int)left.TotalSeconds}, which are left, got {seconds}");
        }

        var role = RoleOf(derived.Identity.Derivation!, wish);
        if (role.Refusal is { } denied) return denied;
        var terms = TermsOf(request, derived.Identity.Terms, call.Client?.ClientId);
        if (terms.Refusal is { } unfit) return unfit;
        var identity = derived.Identity with
        {
            Key = call.Key,
            Terms = terms.Value.Terms,
            Derivation = derived.Identity.Derivation! with { Role = role.Value.Name },
        };
        return new SessionGrant(sessions, identity, How, call.Attempt.RequestId)
        {
            Bearer = call.Attempt.Bearer!.Hash,
            Longest = wish.LifetimeSeconds is { } wanted ? TimeSpan.FromSeconds(wanted) : left,
            Scope = terms.Value.Terms?.Scope,
        };
    }

    private Result<NarrowedRole> RoleOf(Derivation derivation, ExchangeWish wish)
    {
        if (wish.Role is not { } wanted) return new NarrowedRole(derivation.Role);
        var catalogue = roles.Current;
        if (catalogue.Find(wanted) is not { } role)
        {
            return new Refusal(ReleaseRefusals.RoleNotInCatalogue,
                $"role must be one of {catalogue.Names}, or the ARN of one of them");
        }

        return derivation.Role is null || derivation.Role == role.Name
            ? new NarrowedRole(role.Name)
            : new Refusal(ExchangeRefusals.RoleNotOfSession,
                $"the session was narrowed to the role {derivation.Role}");
    }

    /// <summary>The scopes of the subject's session or fewer, and the client that it is for.</summary>
    private static Result<NarrowedTerms> TermsOf(OpenIddictRequest request, SessionTerms? terms, string? clientId)
    {
        var had = terms?.Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        var wanted = request.GetScopes();
        if (!wanted.All(had.Contains))
            return new Refusal(OAuthRefusals.InvalidScope, "the subject's session does not have this scope");
        if (terms is not null && clientId is not null && terms.ClientId != clientId)
        {
            return new Refusal(
                OAuthRefusals.SessionOfAnotherClient, "the subject's session was issued to another client");
        }

        if (terms is null) return new NarrowedTerms(clientId is null ? null : new SessionTerms(clientId, "", null));
        return new NarrowedTerms(wanted.IsEmpty ? terms : terms with { Scope = string.Join(' ', wanted.Distinct()) });
    }

    private sealed record NarrowedRole(string? Name);

    private sealed record NarrowedTerms(SessionTerms? Terms);
}

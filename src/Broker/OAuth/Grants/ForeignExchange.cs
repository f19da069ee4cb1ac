using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;
using Broker.OAuth.ForeignIssuers;
using Broker.OAuth.Protocol;
using Broker.Releases;
using Broker.Sessions;
using Broker.Tokens;

namespace Broker.OAuth.Grants;

/// <summary>
/// Exchanges a foreign issuer's token for a session of the workload that it speaks for, or for an OIDC token, as the
/// first rule says that it meets and that gives such. The token is proof enough: no client is needed.
/// </summary>
internal sealed class ForeignExchange(
    VerifyForeignToken verify, IUsedForeignTokens used, Callers callers, IssueSession sessions, IssueOidcToken tokens,
    IdentityOptions identities, SessionMetrics metrics)
{
    /// <summary>What a session was issued for, in its entry.</summary>
    private const string How = "foreign_token";

    private const int ShortestSession = 60;

    public async ValueTask<Result<IProvenGrant>> ProveAsync(
        OAuthCall call, BearerToken bearer, ExchangeWish wish, string? clientId)
    {
        var proven = await verify.RunAsync(bearer.Text);
        metrics.Count(proven.Refusal);
        if (proven.Refusal is { } refusal) return refusal;
        return wish.Audience is null
            ? Session(call, bearer, proven.Value, wish, clientId)
            : Token(call, bearer, proven.Value, wish, clientId);
    }

    private Result<IProvenGrant> Session(
        OAuthCall call, BearerToken bearer, ProvenToken proven, ExchangeWish wish, string? clientId)
    {
        if (wish.Role is not null)
        {
            return new Refusal(
                HttpRefusals.InvalidField, "role goes with a token: a session has every role of its rule");
        }

        if (proven.Rules.FirstOrDefault(one => one.GivesSessions) is not { } rule) return NotOf(proven, "a session");
        Know(call, bearer, proven, rule, clientId);
        var longest = (int)rule.LongestSession.TotalSeconds;
        if (wish.LifetimeSeconds is { } seconds && (seconds < ShortestSession || seconds > longest))
        {
            return new Refusal(ReleaseRefusals.LifetimeOutOfBounds,
                $"ttl_seconds must be between {ShortestSession} and {longest}, got {seconds}");
        }

        var workload = WorkloadOf(proven, rule);
        var identity = new SessionIdentity(
            workload.OmniAt(identities.ClientId), null, Workload.IdentityType, workload.Value)
        {
            Workload = workload,
            Key = call.Key,
            Terms = clientId is null ? null : new SessionTerms(clientId, "", null),
        };
        var grant = new SessionGrant(sessions, identity, How, call.Attempt.RequestId)
        {
            Bearer = bearer.Hash,
            Longest = TimeSpan.FromSeconds(wish.LifetimeSeconds ?? longest),
        };
        return new OnceGrant(grant, used, proven);
    }

    private Result<IProvenGrant> Token(
        OAuthCall call, BearerToken bearer, ProvenToken proven, ExchangeWish wish, string? clientId)
    {
        // A rule that does not have the role is refused by the release checks, which say so.
        var giving = proven.Rules.Where(one => one.GivesTokens && one.Audiences.Contains(wish.Audience!)).ToArray();
        if (giving.Length == 0) return NotOf(proven, $"a token for {wish.Audience}");
        var rule = giving.FirstOrDefault(one => wish.Role is { } role && one.Roles.Contains(role)) ?? giving[0];
        var caller = Know(call, bearer, proven, rule, clientId);
        if (rule.Roles is [var only] && wish is { Role: null, Audience: Audiences.Aws })
            wish = wish with { Role = only };
        return new OnceGrant(new TokenGrant(tokens, caller, wish, call.Attempt.RequestId), used, proven);
    }

    private VerifiedCaller Know(
        OAuthCall call, BearerToken bearer, ProvenToken proven, ForeignRule rule, string? clientId)
    {
        var caller = callers.Vouched(WorkloadOf(proven, rule), bearer, proven.ExpiresAt, clientId);
        call.Attempt.Know(caller);
        return caller;
    }

    private static Workload WorkloadOf(ProvenToken proven, ForeignRule rule) =>
        new(proven.Issuer.Name, proven.Subject, rule.Name);

    private static Refusal NotOf(ProvenToken proven, string what) => new(ForeignRefusals.NotOfRule,
        $"no rule that the token of {proven.Issuer.Name} meets gives {what}");
}

using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;
using Broker.Refusals;
using Broker.Sessions;

namespace Broker.OAuth.Delegations;

/// <summary>A person who may let a client act: somebody who signed in, and no program that acts for somebody.</summary>
internal sealed record Approver(VerifiedSession Session, Cryptography.Sha256Digest Bearer)
{
    public static Result<Approver> Of(Callers callers, Attempt attempt)
    {
        var bearer = BearerToken.Of(attempt.Request);
        if (bearer.Refusal is { } missing) return missing;
        attempt.Know(bearer.Value);
        var session = callers.Session(bearer.Value);
        if (session.Refusal is { } unknown) return unknown;

        var who = session.Value.Identity;
        attempt.Know(who.Omni);
        if (who.Agent is not null)
            return new Refusal(SessionRefusals.NotAMaster, "the session is an agent's; this is for its master");
        return who.Terms is not null || who.Workload is not null || who.Derivation is not null
            || who.Type == IdentityType.OAuthClient
            ? new Refusal(DelegationRefusals.NotForClients, "the session is one that a client holds")
            : new Approver(session.Value, bearer.Value.Hash);
    }
}

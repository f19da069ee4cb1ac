using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;
using Broker.Sessions;

namespace Broker.IdentityLinks;

/// <summary>
/// The proof of the other identity: a session token that it signed in to within the last ten minutes. Every way to sign
/// in gives one, so wallet, mail, OIDC and passkey need no protocol of their own here, and a client runs the sign-in
/// that it has anyway. A token of hours ago is not enough: it may have been left somewhere.
/// </summary>
internal sealed class SecondProof(Callers callers, IdentityOptions identities, TimeProvider time)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(10);

    /// <param name="caller">Whose bearer is the first proof.</param>
    public Result<LinkableIdentity> Check(string identityToken, VerifiedCaller caller)
    {
        var bearer = BearerToken.Of(identityToken);
        if (bearer.Refusal is { } unreadable) return Refused(unreadable.Detail);
        if (!bearer.Value.LooksLikeJwt) return Refused("it is not a session token");
        var session = callers.Session(bearer.Value);
        if (session.Refusal is { } unproven) return Refused(unproven.Detail);
        if (session.Value.IssuedAt + Freshness <= time.GetUtcNow())
            return Refused("it was issued more than ten minutes ago");
        var identity = session.Value.Identity;
        if (identity.Type is AgentLineage.IdentityType or IdentityType.OAuthClient or Workload.IdentityType
            || identity.Derivation is not null || identity.Value.Length == 0)
            return Refused("agents, workloads, OAuth clients and exchanged sessions are not identities of a person");
        var linkable = new LinkableIdentity(identity.Type, identity.Value);

        // A passkey that an actor registered signs in as that actor: it is no identity of its own.
        if (linkable.OmniAt(identities.ClientId) == identity.Omni) return linkable;
        return identity.Omni == caller.Actor
            ? new Refusal(LinkRefusals.OwnIdentity, "the passkey is the actor's own already")
            : new Refusal(LinkRefusals.OfAnotherActor, "the passkey belongs to another actor");
    }

    private static Refusal Refused(string why) => new(LinkRefusals.ProofRefused, $"identity_token: {why}");
}

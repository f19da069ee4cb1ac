using Broker.Foundation.Results;
using Broker.Modules;

namespace Broker.IdentityLinks;

/// <summary>Why an identity is not linked, not unlinked, or not looked up.</summary>
internal static class LinkRefusals
{
    private const string SignInWithIt =
        "Sign in with the identity and send that session token as identity_token within ten minutes.";

    /// <summary>401 is the contract's (§2.15).</summary>
    public static readonly RefusalCode LinkedElsewhere = Refused.Unauthorized(
        "identity_linked_elsewhere", "Unlink the identity from the other master first: POST /v1/identity/unlink.");

    public static readonly RefusalCode NotLinked = Refused.BadRequest(
        "identity_not_linked", "See GET /v1/wallet/links for the identities that are linked to you.");

    public static readonly RefusalCode OwnIdentity = Refused.BadRequest(
        "own_identity", "Link another identity than the one that you are signed in with.");

    public static readonly RefusalCode OfAnotherActor = Refused.Unauthorized(
        "identity_of_another_actor",
        "Let that actor remove the passkey first, POST /v1/auth/passkey/remove; or link the actor's own identity.");

    public static readonly RefusalCode ProofNeeded = Refused.Unauthorized("identity_proof_needed", SignInWithIt);

    public static readonly RefusalCode ProofRefused = Refused.Unauthorized("identity_proof_refused", SignInWithIt);

    public static readonly RefusalCode LookupRateLimited =
        Refused.RateLimited("lookup_rate_limited");

    /// <summary>Every code of this feature.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        LinkedElsewhere, NotLinked, OwnIdentity, OfAnotherActor, ProofNeeded, ProofRefused, LookupRateLimited,
    ];
}

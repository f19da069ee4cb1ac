using Broker.Ledger;

namespace Broker.Grants;

/// <summary>What a master grants (contract §2.14): to whom, for which service, until when and how often.</summary>
/// <param name="Daemon">The address that signs mints, in lower case. Text: the contract asks for <c>0x</c> only, and
/// what is no address never signs.</param>
/// <param name="Service">As <c>intent.service</c> of a signed mint has it, compared character by character.</param>
/// <param name="ScopePath">On record for auditors; the session policy is what narrows a credential.</param>
internal sealed record GrantTerms(
    ActorOmni Master, string Daemon, string Service, string ScopePath, DateTimeOffset ExpiresAt, int MaxUses);

/// <summary>A grant as it is kept.</summary>
internal sealed record Grant(
    string Id, GrantTerms Terms, DateTimeOffset GrantedAt, int UsedCount, DateTimeOffset? RevokedAt, string AuditProof);

/// <summary>What a look for a grant found.</summary>
internal enum GrantFinding
{
    /// <summary>There never was one.</summary>
    NoGrant,

    /// <summary>One can be used.</summary>
    Live,

    Revoked,
    Expired,
    Exhausted,
}

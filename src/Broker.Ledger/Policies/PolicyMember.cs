using Broker.Ledger.Notes;

namespace Broker.Ledger.Policies;

/// <summary>A witness, or a group of them: what a group or the quorum can name.</summary>
/// <param name="Name">
/// Means something inside its policy only. A name is octets; this shows them as UTF-8, and what is none as U+FFFD.
/// </param>
public abstract record PolicyMember(string Name);

/// <summary>Who may cosign.</summary>
/// <param name="Url">As the policy has it; null where it has none. Nothing here asks it.</param>
public sealed record PolicyWitness(string Name, NoteKey Key, string? Url) : PolicyMember(Name);

/// <summary>Counts as one that cosigned where <paramref name="Threshold"/> of its members do.</summary>
/// <param name="Members">At least as many as the threshold; none of them is a member of another group.</param>
public sealed record PolicyGroup(string Name, int Threshold, IReadOnlyList<PolicyMember> Members) : PolicyMember(Name);

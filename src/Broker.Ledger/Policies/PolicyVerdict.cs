namespace Broker.Ledger.Policies;

/// <summary>How a checkpoint stands towards a policy.</summary>
/// <param name="Fault">Null where the policy is satisfied, else the first thing that does not hold.</param>
/// <param name="Log">The log that signed; null where none did as the policy wants it.</param>
/// <param name="IsQuorumMet">
/// True where enough witnesses cosigned, or none need to. It says nothing about the log's signature.
/// </param>
/// <param name="Witnesses">All of the policy, in its order.</param>
/// <param name="Groups">All of the policy, in its order.</param>
public sealed record PolicyVerdict(
    string? Fault, PolicyLog? Log, bool IsQuorumMet, IReadOnlyList<WitnessVerdict> Witnesses,
    IReadOnlyList<GroupVerdict> Groups);

/// <summary>How one witness stands towards a checkpoint.</summary>
/// <param name="At">
/// When it says to have cosigned, of several times the latest; null where it did not cosign, or does not say.
/// </param>
public sealed record WitnessVerdict(PolicyWitness Witness, bool HasCosigned, DateTimeOffset? At);

/// <summary>How one group stands towards a checkpoint.</summary>
/// <param name="Count">Members that count as having cosigned.</param>
public sealed record GroupVerdict(PolicyGroup Group, int Count)
{
    /// <summary>True where the group counts as having cosigned.</summary>
    public bool IsMet => Count >= Group.Threshold;
}

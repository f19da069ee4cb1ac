using System.Text.Json.Serialization;
using Broker.Cryptography;
using Broker.Foundation;
using Broker.Ledger.Notes;
using Broker.Ledger.Policies;

namespace Broker.Cli.Ledger;

/// <summary>How a checkpoint stands towards <c>--policy</c>, in the answers of <c>--json</c>.</summary>
/// <param name="Fault">
/// Why the checkpoint does not satisfy the policy; null where it does, and where there is none.
/// </param>
/// <param name="Quorum">The quorum's name; <c>none</c> where the policy needs no witness.</param>
/// <param name="Standing">
/// The quorum is <c>met</c>, <c>not_met</c>, or <c>not_checked</c> where no checkpoint was given.
/// </param>
/// <param name="TreeSize">Of the checkpoint that was held against the policy; null where there was none.</param>
/// <param name="Witnesses">All of the policy, in its order; empty where nothing was checked.</param>
/// <param name="Groups">The same of its groups.</param>
internal sealed record PolicyAnswer(
    string? Fault, string Quorum, string Standing, long? TreeSize, IReadOnlyList<WitnessStanding> Witnesses,
    IReadOnlyList<GroupStanding> Groups)
{
    private const string Unchecked = "not_checked";

    /// <summary>Of a policy without a quorum, where there was no checkpoint to hold against it.</summary>
    public static PolicyAnswer NoneNeeded { get; } = new(null, TlogPolicy.NoQuorum, "met", null, [], []);

    /// <summary>True where the quorum is still to be checked.</summary>
    [JsonIgnore]
    public bool IsUnchecked => Standing == Unchecked;

    public static PolicyAnswer NotChecked(TlogPolicy policy) => new(null, policy.QuorumName, Unchecked, null, [], []);

    public static PolicyAnswer Of(TlogPolicy policy, PolicyVerdict verdict, Checkpoint checkpoint) => new(
        verdict.Fault,
        policy.QuorumName,
        verdict.IsQuorumMet ? "met" : "not_met",
        checkpoint.Size,
        [.. verdict.Witnesses.Select(WitnessStanding.Of)],
        [.. verdict.Groups.Select(GroupStanding.Of)]);
}

/// <param name="Name">In the policy.</param>
/// <param name="Key">Name and id of its key: <c>witness.example/w1+1a2b3c4d</c>.</param>
/// <param name="Algorithm"><c>Ed25519</c> or <c>ML-DSA-44</c>.</param>
/// <param name="CosignedAt">RFC 3339; null where it did not cosign, or does not say when.</param>
internal sealed record WitnessStanding(string Name, string Key, string Algorithm, bool Cosigned, string? CosignedAt)
{
    public static WitnessStanding Of(WitnessVerdict verdict) => new(
        verdict.Witness.Name,
        verdict.Witness.Key.Label,
        verdict.Witness.Key.Key is MLDsa44VerifyingKey ? "ML-DSA-44" : "Ed25519",
        verdict.HasCosigned,
        verdict.At is { } at ? Rfc3339.Write(at) : null);
}

/// <param name="Has">Members that count as having cosigned.</param>
/// <param name="Needs">How many must.</param>
/// <param name="Members">How many there are.</param>
internal sealed record GroupStanding(string Name, int Has, int Needs, int Members, bool Met)
{
    public static GroupStanding Of(GroupVerdict verdict) => new(
        verdict.Group.Name, verdict.Count, verdict.Group.Threshold, verdict.Group.Members.Count, verdict.IsMet);
}

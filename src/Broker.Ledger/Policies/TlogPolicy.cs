using System.Diagnostics.CodeAnalysis;
using Broker.Ledger.Notes;

namespace Broker.Ledger.Policies;

/// <summary>
/// Whom to believe about a checkpoint (C2SP tlog-policy): the logs one of which must have signed it, the witnesses, and
/// the quorum of them that must have cosigned it.
/// </summary>
/// <example>
/// <code>
/// log &lt;vkey&gt;
///
/// witness X1 &lt;vkey&gt;
/// witness X2 &lt;vkey&gt;
/// witness X3 &lt;vkey&gt;
/// group X-witnesses 2 X1 X2 X3
///
/// witness Y1 &lt;vkey&gt; https://witness.example/
/// group X-and-Y all X-witnesses Y1
/// quorum X-and-Y
/// </code>
/// </example>
public sealed record TlogPolicy
{
    /// <summary>Longest file that is read, in bytes.</summary>
    public const int MaxLength = 1 << 20;

    /// <summary>Most logs, witnesses and groups of a file, of each; the specification asks for 32.</summary>
    public const int MaxOfEach = 256;

    /// <summary>What the quorum is called where no witness is needed.</summary>
    public const string NoQuorum = "none";

    /// <summary>May be empty where the logs are known otherwise; then no checkpoint satisfies the policy.</summary>
    public required IReadOnlyList<PolicyLog> Logs { get; init; }

    public IReadOnlyList<PolicyWitness> Witnesses { get; init; } = [];

    /// <summary>In an order in which a group follows all its members.</summary>
    public IReadOnlyList<PolicyGroup> Groups { get; init; } = [];

    /// <summary>The witness or group that must have cosigned; null where none needs to.</summary>
    public PolicyMember? Quorum { get; init; }

    /// <summary>The quorum's name, <see cref="NoQuorum"/> where there is none.</summary>
    public string QuorumName => Quorum?.Name ?? NoQuorum;

    /// <summary>Reads a file strictly. The fault says what does not hold, and in which line.</summary>
    public static bool TryParse(
        ReadOnlySpan<byte> file, [NotNullWhen(true)] out TlogPolicy? policy, [NotNullWhen(false)] out string? fault)
    {
        var reader = new PolicyReader();
        fault = reader.FindFault(file);
        policy = fault is null ? reader.ToPolicy() : null;
        return policy is not null;
    }

    /// <summary>
    /// Holds a note and the checkpoint in it against the policy. The signature of a key that the policy names spoils
    /// the note where it does not verify, whoever else signed (signed-note, "Signatures").
    /// </summary>
    public PolicyVerdict Judge(SignedNote note, Checkpoint checkpoint)
    {
        // 1. Who signed, and is a signature there that its key did not make?
        var log = Logs.FirstOrDefault(one => LogSignature.FindFault(note, checkpoint, one.Key, one.Origin) is null);
        var forged = Logs.Select(one => one.Key).Concat(Witnesses.Select(one => one.Key))
            .FirstOrDefault(key => note.Verify(key) == NoteVerdict.Forged);
        var witnesses = Witnesses.Select(one => Judge(one, note)).ToList();

        // 2. Which groups count as having cosigned? A group comes after its members.
        var groups = new List<GroupVerdict>(Groups.Count);
        var cosigned = new HashSet<PolicyMember>(ReferenceEqualityComparer.Instance);
        cosigned.UnionWith(witnesses.Where(one => one.HasCosigned).Select(one => one.Witness));
        foreach (var group in Groups)
        {
            var verdict = new GroupVerdict(group, group.Members.Count(cosigned.Contains));
            groups.Add(verdict);
            if (verdict.IsMet) cosigned.Add(group);
        }

        // 3. What does not hold?
        var isQuorumMet = Quorum is null || cosigned.Contains(Quorum);
        var fault = forged is not null ? $"the signature of {forged.Label} is not over this checkpoint"
            : log is null ? FindLogFault(note, checkpoint)
            : isQuorumMet ? null
            : $"the quorum is not met: {Missing(Quorum!, groups, cosigned)}";
        return new PolicyVerdict(fault, log, isQuorumMet, witnesses, groups);
    }

    private static WitnessVerdict Judge(PolicyWitness witness, SignedNote note)
    {
        if (note.Verify(witness.Key) != NoteVerdict.Signed) return new WitnessVerdict(witness, false, null);
        var times = note.Signatures
            .Where(signature => signature.Name == witness.Key.Name && signature.KeyId == witness.Key.Id)
            .Select(Cosignature.TimeOf);
        return new WitnessVerdict(witness, true, times.Max());
    }

    // Of several logs the one whose checkpoint it says to be has the most to say.
    private string FindLogFault(SignedNote note, Checkpoint checkpoint)
    {
        if (Logs.Count == 0) return "the policy names no log";
        var own = Logs.LastOrDefault(log => log.Origin == checkpoint.Origin) ?? (Logs.Count == 1 ? Logs[0] : null);
        return own is not null
            ? LogSignature.FindFault(note, checkpoint, own.Key, own.Origin)!
            : $"the checkpoint is of \"{checkpoint.Origin}\", which is none of the {Logs.Count} logs that are trusted";
    }

    private static string Missing(
        PolicyMember member, IReadOnlyList<GroupVerdict> groups, HashSet<PolicyMember> cosigned)
    {
        if (member is not PolicyGroup group) return $"\"{member.Name}\" has not cosigned";
        var count = groups.First(verdict => ReferenceEquals(verdict.Group, group)).Count;
        var missing = group.Members.Where(one => !cosigned.Contains(one))
            .Select(one => one is PolicyGroup ? Missing(one, groups, cosigned) : $"\"{one.Name}\"");
        return $"\"{group.Name}\" has {count} of the {group.Threshold} that it needs, without "
            + string.Join(", ", missing);
    }
}

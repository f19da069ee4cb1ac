using Broker.Cli.Terminal;
using Broker.Ledger.Notes;
using Broker.Ledger.Policies;
using Broker.Ledger.Reading;

namespace Broker.Cli.Ledger;

/// <summary>Whom a command trusts, as its options say: one policy with at least one log.</summary>
/// <param name="IsPolicyGiven">
/// False where the policy was made of <c>--vkey</c> alone: then there are no witnesses to speak of.
/// </param>
internal sealed record Trust(TlogPolicy Policy, bool IsPolicyGiven)
{
    /// <summary>
    /// The keys that may have signed this ledger's checkpoints. A policy may name logs of other origins; their keys are
    /// left out.
    /// </summary>
    /// <exception cref="CommandFailedException">The policy names no log of this ledger's origin.</exception>
    public IReadOnlyList<NoteKey> KeysOf(LedgerReader reader)
    {
        var logs = Policy.Logs;
        if (IsPolicyGiven && SignedNote.TryParse(reader.NewestCheckpoint(), out var note)
            && Checkpoint.TryParse(note.Text, out var newest))
        {
            logs = [.. logs.Where(log => log.Origin == newest.Origin)];
            if (logs.Count == 0)
            {
                throw new CommandFailedException(
                    $"the ledger is of \"{Table.Printable(newest.Origin)}\", and the policy names no such log");
            }
        }

        return [.. logs.Select(log => log.Key)];
    }

    /// <summary>How a judged checkpoint stands towards the policy; null where none was given.</summary>
    public PolicyAnswer? StandingOf(PolicyVerdict verdict, Checkpoint checkpoint) =>
        IsPolicyGiven ? PolicyAnswer.Of(Policy, verdict, checkpoint) : null;

    /// <summary>
    /// The same of a ledger's file, which holds no cosignatures: the witnesses are asked about the checkpoints that
    /// were kept elsewhere. The newest that satisfies the policy counts; where none does, the newest.
    /// </summary>
    public PolicyAnswer? StandingOf(IEnumerable<KnownCheckpoint> known)
    {
        if (!IsPolicyGiven) return null;
        var judged = known.OrderByDescending(one => one.Checkpoint.Size)
            .Select(one => PolicyAnswer.Of(Policy, Policy.Judge(one.Note, one.Checkpoint), one.Checkpoint)).ToList();
        return judged.Find(one => one.Fault is null)
            ?? (Policy.Quorum is null ? PolicyAnswer.NoneNeeded
            : judged.Count > 0 ? judged[0]
            : PolicyAnswer.NotChecked(Policy));
    }
}

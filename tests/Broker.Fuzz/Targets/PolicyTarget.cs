using System.Text;
using Broker.Ledger.Notes;
using Broker.Ledger.Policies;

namespace Broker.Fuzz.Targets;

/// <summary>Policies (C2SP tlog-policy): no note that nobody signed satisfies one.</summary>
internal sealed class PolicyTarget : IFuzzTarget
{
    // The log's key is that of the C2SP signed-note specification.
    private static readonly SignedNote Note = SignedNote.TryParse(NoteSeeds.Note, out var note)
        ? note
        : throw new InvalidOperationException("the seed is no note");

    private static readonly Checkpoint Tree = Checkpoint.TryParse(Note.Text, out var checkpoint)
        ? checkpoint
        : throw new InvalidOperationException("the seed is no checkpoint");

    public string Name => "policy";

    public int Weight => 60;

    public IEnumerable<byte[]> Seeds()
    {
        var key = NoteSeeds.Key.Key;
        var witness = new NoteKey("w.example", NoteKeyType.CosignatureV1, key);
        return
        [
            .. ((string[])
            [
                $"# one log\nlog {NoteSeeds.Key} https://log.example/\nquorum none\n",
                $"log {NoteSeeds.Key}\nwitness a {witness}\ngroup g any a\ngroup h 1 g\nquorum h\n",
                $"\twitness  a {witness} u\ngroup g all a\nquorum a\nlog {NoteSeeds.Key}\n",
            ]).Select(Encoding.UTF8.GetBytes),
        ];
    }

    public void Execute(byte[] input)
    {
        if (!TlogPolicy.TryParse(input, out var policy, out var fault))
        {
            if (fault.Length == 0) throw new FuzzFindingException("refused without a reason");
            return;
        }

        foreach (var group in policy.Groups)
        {
            if (group.Threshold < 1 || group.Threshold > group.Members.Count)
                throw new FuzzFindingException("a threshold that is none");
        }

        if (policy.Judge(Note, Tree).Fault is null)
            throw new FuzzFindingException("a checkpoint that nobody signed satisfies a policy");
    }

    public long AllocationBound(int inputLength) => 64 * 1024 + (64L * inputLength);
}

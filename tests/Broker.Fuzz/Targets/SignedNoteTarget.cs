using System.Text;
using Broker.Ledger.Notes;

namespace Broker.Fuzz.Targets;

/// <summary>Signed notes and the checkpoints in them: what is read is written again byte for byte.</summary>
internal sealed class SignedNoteTarget : IFuzzTarget
{
    public string Name => "signed-note";

    public int Weight => 60;

    public IEnumerable<byte[]> Seeds() =>
        [.. ((string[])[NoteSeeds.Note, NoteSeeds.Note + NoteSeeds.Line]).Select(Encoding.UTF8.GetBytes)];

    public void Execute(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        if (!SignedNote.TryParse(text, out var note)) return;
        var again = note.Text + "\n" + string.Concat(note.Signatures.Select(signature => signature.ToLine()));
        if (again != text) throw new FuzzFindingException("another text than the one that was read");
        if (Checkpoint.TryParse(note.Text, out var checkpoint)
            && !note.Text.StartsWith(checkpoint.ToText(), StringComparison.Ordinal))
        {
            throw new FuzzFindingException("another checkpoint than the one that was read");
        }
    }

    public long AllocationBound(int inputLength) => 64 * 1024 + (64L * inputLength);
}

using Broker.Cli.Terminal;
using Broker.Ledger.Notes;

namespace Broker.Cli.Ledger;

/// <summary>A checkpoint that was kept elsewhere, with the signatures that it had there.</summary>
internal sealed record KnownCheckpoint(SignedNote Note, Checkpoint Checkpoint)
{
    /// <summary>Reads a checkpoint, or that of a receipt. Nothing in it is verified yet.</summary>
    /// <exception cref="CommandFailedException">It is neither.</exception>
    public static KnownCheckpoint Read(string path)
    {
        var text = LedgerFile.ReadText(path);
        if (InclusionReceipt.TryParse(text, out var receipt)) return new(receipt.Note, receipt.Checkpoint);
        return SignedNote.TryParse(text, out var note) && Checkpoint.TryParse(note.Text, out var checkpoint)
            ? new(note, checkpoint)
            : throw new CommandFailedException(
                $"\"{path}\" holds neither a checkpoint nor a receipt", ExitCode.Misuse);
    }
}

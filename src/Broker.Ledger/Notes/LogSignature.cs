namespace Broker.Ledger.Notes;

/// <summary>Whether a log signed a checkpoint of its own (C2SP tlog-checkpoint, "Signatures").</summary>
internal static class LogSignature
{
    /// <summary>
    /// Null when the key signed the note and the checkpoint in it is of this origin, else what does not hold.
    /// </summary>
    public static string? FindFault(SignedNote note, Checkpoint checkpoint, NoteKey logKey, string origin)
    {
        if (checkpoint.Origin != origin)
            return $"the checkpoint is of \"{checkpoint.Origin}\", the key of \"{origin}\"";

        return note.Verify(logKey) switch
        {
            NoteVerdict.NotSigned => $"no signature by {logKey.Label} is under the checkpoint",
            NoteVerdict.Forged => $"the signature of {logKey.Label} is not over this checkpoint",
            _ => null,
        };
    }
}

using Broker.Ledger.Notes;

namespace Broker.Ledger.Witness;

/// <summary>
/// A log that a witness watches. It is identified by its origin line (C2SP tlog-witness), which need not be the name of
/// its key (C2SP tlog-checkpoint): sum.golang.org signs checkpoints of "go.sum database tree".
/// </summary>
/// <param name="Key">A key that is trusted to sign for the log.</param>
/// <param name="Origin">
/// The log's origin. Null for a log that is known by its key alone: the key's name is its origin, and so is any other
/// origin under whose checkpoint the key's signature stands. Each origin is a log of its own with a history of its own.
/// </param>
public sealed record WatchedLog(NoteKey Key, string? Origin = null)
{
    /// <summary>True when a checkpoint with this origin and note is one of this log, if its signature holds.</summary>
    internal bool IsOf(string origin, SignedNote note) => Origin is not null
        ? origin == Origin
        : origin == Key.Name
            || note.Signatures.Any(signature => signature.Name == Key.Name && signature.KeyId == Key.Id);
}

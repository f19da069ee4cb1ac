using Broker.Ledger.Notes;

namespace Broker.Ledger.Verification;

/// <summary>What to check a ledger against.</summary>
public sealed record VerificationRequest
{
    /// <summary>
    /// Keys one of which must have signed each checkpoint; several where the key was changed. Empty leaves signatures
    /// unchecked.
    /// </summary>
    public IReadOnlyList<NoteKey> Keys { get; init; } = [];

    /// <summary>Checkpoints that were kept elsewhere: the ledger must still contain each of them.</summary>
    public IReadOnlyList<Checkpoint> Known { get; init; } = [];
}

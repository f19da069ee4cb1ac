using Broker.Ledger.Notes;

namespace Broker.Ledger.Policies;

/// <summary>A log that a policy trusts: a key, and the origin line of the checkpoints that the key signs.</summary>
/// <param name="Url">As the policy has it; null where it has none. Nothing here asks it.</param>
public sealed record PolicyLog(NoteKey Key, string Origin, string? Url = null)
{
    /// <summary>In a policy file the key's name is the log's origin (C2SP tlog-policy, "Defining a log").</summary>
    public PolicyLog(NoteKey key)
        : this(key, key.Name)
    {
    }
}

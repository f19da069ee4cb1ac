namespace Broker.People;

/// <summary>What a person has at this broker.</summary>
/// <param name="Wallet">Null where the actor has none.</param>
/// <param name="HasPasskeys">Whether passkeys sign in here.</param>
public sealed record AccountView(
    string Type, string Identity, string Omni, string? Wallet, DateTimeOffset Since, DateTimeOffset Until,
    IReadOnlyList<AgentView> Agents, IReadOnlyList<PairingView> Pairings, IReadOnlyList<GrantView> Grants,
    bool HasPasskeys, IReadOnlyList<PasskeyView> Passkeys, IReadOnlyList<LinkView> Links,
    IReadOnlyList<EntryView> Entries);

/// <summary>An agent that the person has paired.</summary>
public sealed record AgentView(string Path, string Omni, string Scope, bool IsActive);

/// <summary>A claimed device that waits for the person's word.</summary>
public sealed record PairingView(string RequestId, string Label, string Scope, string Device);

/// <summary>A grant, with its state in a word.</summary>
public sealed record GrantView(
    string Id, string Daemon, string Service, string Scope, DateTimeOffset Until, int Used, int Most, string State)
{
    public bool CanEnd => State == "live";
}

/// <summary>A passkey.</summary>
public sealed record PasskeyView(string Id, string Label, DateTimeOffset Since, DateTimeOffset? Used);

/// <summary>An identity that is linked to the person.</summary>
public sealed record LinkView(string Type, string Value, bool IsProven);

/// <summary>An entry of the ledger that concerns the person.</summary>
/// <param name="Canonical">The JSON whose bytes the tree hashes.</param>
/// <param name="Receipt">Its inclusion proof under the newest checkpoint (C2SP tlog-proof).</param>
public sealed record EntryView(
    string RecordId, long Index, string Kind, string Role, string Outcome, string? Detail, DateTimeOffset At,
    string Canonical, string Receipt);

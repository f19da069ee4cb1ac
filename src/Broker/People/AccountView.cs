namespace Broker.People;

/// <summary>What a person has at this broker.</summary>
/// <param name="Wallet">Null where the actor has none.</param>
/// <param name="HasPasskeys">Whether passkeys sign in here.</param>
/// <param name="Credentials">Entries that a credential belongs to, which was given out.</param>
/// <param name="Changes">Every other entry of the person: changes, ends, refusals.</param>
public sealed record AccountView(
    string Type, string Identity, string Omni, string? Wallet, SessionView Session,
    IReadOnlyList<SessionView> OtherSessions, IReadOnlyList<AgentView> Agents, IReadOnlyList<PairingView> Pairings,
    IReadOnlyList<GrantView> Grants, bool HasPasskeys, IReadOnlyList<PasskeyView> Passkeys,
    IReadOnlyList<LinkView> Links, IReadOnlyList<EntryView> Credentials, IReadOnlyList<EntryView> Changes);

/// <summary>A browser in which the person is signed in.</summary>
/// <param name="Id">The record id of its session.</param>
/// <param name="Device">What browser it is, in words.</param>
public sealed record SessionView(string Id, string Device, DateTimeOffset Since, DateTimeOffset Until);

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
public sealed record LinkView(string Type, string Value, bool IsProven, DateTimeOffset Since);

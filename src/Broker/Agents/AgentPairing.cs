using Broker.Foundation.Results;
using Broker.Identity;
using Broker.Ledger;

namespace Broker.Agents;

/// <summary>
/// The entries of pairings: asked for, claimed, bound, declined. The session itself is one of its own kind.
/// </summary>
internal static class AgentPairing
{
    public const string RequestedRole = "agent_pairing";

    /// <summary>What a session of an agent was issued for, in its entry.</summary>
    public const string How = "agent_hdkd";

    public static readonly EntryKind Kind = new("agent_pairing");

    /// <summary>How long codes are good, and how long what was claimed can be fetched (contract §2.16).</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(600);

    /// <summary>A device, which has proven its key, asks for a master.</summary>
    public static LedgerEntry Requested(DeviceKey device, string requestId, DateTimeOffset now) => new()
    {
        RecordId = RecordId.New(now),
        MintedAt = now,
        Kind = Kind,
        Outcome = LedgerOutcome.Ok,
        RequestedRole = RequestedRole,
        Session = EntrySession.Of(device.Hash),
        Detail = "a device asks for a master",
        RequestId = requestId,
        Evidence = EntryEvidence.Of(
            ("device_key_hash", device.Hash), ("device_pubkey", device.Address.ToString())),
    };

    /// <summary>What a master did.</summary>
    /// <param name="device">Null where no device is known yet.</param>
    public static LedgerEntry Of(
        string what, LedgerOutcome outcome, AgentPlace place, DeviceKey? device, VerifiedCaller caller,
        string requestId, DateTimeOffset now)
    {
        var evidence = EntryEvidence.Of(
            ("child_omni", place.Child.ToString()), ("label", place.Label), ("scope", place.Scope));
        return new LedgerEntry
        {
            RecordId = RecordId.New(now),
            MintedAt = now,
            Kind = Kind,
            Outcome = outcome,
            RequestedRole = RequestedRole,
            Actor = caller.OnRecord,
            Bearer = caller.BearerHash,
            Session = EntrySession.Of(place.Child.ToString()),
            Detail = what,
            RequestId = requestId,
            Evidence = device is null ? evidence : evidence.With("device_key_hash", device.Hash),
        };
    }
}

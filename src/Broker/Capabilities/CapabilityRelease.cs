using Broker.Foundation.Results;
using Broker.Identity;
using Broker.Ledger;
using Broker.SigningKeys;

namespace Broker.Capabilities;

/// <summary>An approved capability on its way to the ledger; it is signed for what the ledger holds.</summary>
internal sealed record CapabilityRelease(
    RecordId RecordId, CapabilityWish Wish, VerifiedCaller Caller, long Epoch, DateTimeOffset IssuedAt, string Nonce,
    string RequestId, Es256Key Key) : IRelease
{
    public const string RequestedRole = "capability";

    public static readonly EntryKind Kind = new("capability") { SpendsBudget = true };

    public DateTimeOffset ExpiresAt => IssuedAt + Wish.Lifetime;

    public LedgerEntry ToEntry() => new()
    {
        RecordId = RecordId,
        MintedAt = IssuedAt,
        Kind = Kind,
        Outcome = LedgerOutcome.Ok,
        RequestedRole = RequestedRole,
        Actor = Caller.OnRecord,
        Bearer = Caller.BearerHash,
        Lifetime = Wish.Lifetime,
        Session = EntrySession.Of(Key.KeyId),
        Detail = $"{Wish.Route.Op} {Wish.DataClass}",
        Subject = Wish.Actor.ToString(),
        RequestId = RequestId,
        ExpiresAt = ExpiresAt,
        Evidence = EntryEvidence.Of(
            ("data_class", Wish.DataClass), ("device_key_hash", Wish.DeviceKeyHash), ("nonce", Nonce),
            ("op", Wish.Route.Op), ("operator_omni", Wish.Operator.ToString()),
            ("proof", Wish.Proof is null ? "none" : "device"), ("service", Wish.Service)),
    };
}

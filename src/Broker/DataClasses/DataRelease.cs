using System.Globalization;
using Broker.Capabilities;
using Broker.Foundation.Results;
using Broker.Ledger;

namespace Broker.DataClasses;

/// <summary>
/// What a capability lets happen to stored data, on its way to the ledger. What is put, answered or deleted is taken
/// from it, for what the ledger holds.
/// </summary>
/// <param name="Place">The object's key; for a teardown the prefix.</param>
/// <param name="Content">The envelope to put, or the plaintext to answer; empty for a teardown.</param>
internal sealed record DataRelease(
    RecordId RecordId, DateTimeOffset At, DataOp Op, KeptClass Kept, VerifiedCapability Capability, DataRights Rights,
    string Place, byte[] Content, string RequestId) : IRelease
{
    public static readonly EntryKind StoreKind = new("data_store");
    public static readonly EntryKind FetchKind = new("data_fetch");
    public static readonly EntryKind TeardownKind = new("data_teardown");

    public static EntryKind KindOf(DataOp op) => op switch
    {
        DataOp.Store => StoreKind,
        DataOp.Fetch => FetchKind,
        DataOp.Teardown => TeardownKind,
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, "internal error: an op without a kind of entry"),
    };

    public LedgerEntry ToEntry()
    {
        var (payload, subject) = (Capability.Payload, Capability.Subject);
        return new LedgerEntry
        {
            RecordId = RecordId,
            MintedAt = At,
            Kind = KindOf(Op),
            Outcome = LedgerOutcome.Ok,
            RequestedRole = Kept.Class.Name,
            Actor = Capability.Caller.OnRecord,
            Bearer = Capability.Caller.BearerHash,
            Detail = $"{payload.Op} {subject.Service}",
            Subject = Place,
            RequestId = RequestId,
            Evidence = EntryEvidence.Of(
                ("bucket", Kept.Bucket), ("capability_nonce", payload.Nonce), ("credentials", Rights.OnRecord),
                ("data_class", Kept.Class.Name), ("device_key_hash", subject.DeviceKeyHash),
                ("k3_epoch", payload.Epoch.ToString(CultureInfo.InvariantCulture)), ("op", payload.Op),
                ("operator_omni", subject.Operator.ToString()), ("service", subject.Service)),
        };
    }
}

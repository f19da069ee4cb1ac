using System.Diagnostics.Metrics;
using Broker.Capabilities;
using Broker.Cryptography;
using Broker.Ledger;
using Broker.Ledger.Writing;
using Broker.Metrics;

namespace Broker.AuditService;

/// <summary>What the holder of a capability says that it did. Its details are on record as a hash.</summary>
/// <param name="OpKind">In the reporter's own words.</param>
/// <param name="Result"><c>ok</c>, <c>denied</c> or <c>failed</c>.</param>
/// <param name="Body">Of the details in RFC 8785 form.</param>
internal sealed record AuditEvent(string OpKind, string Result, Sha256Digest Body)
{
    public const string RequestedRole = "audit";

    public static readonly EntryKind Kind = new("audit_event");
}

/// <summary>Puts an event on record, under the actor whose capability came with it.</summary>
internal sealed class RecordAuditEvent(ReleaseLedger ledger, TimeProvider time, Meter meter)
{
    public Counter<long> Recorded { get; } =
        meter.Counter("agentkeys_broker_audit_events_total", "Events that holders of capabilities reported.");

    /// <summary>The entry's id; it is durable.</summary>
    /// <exception cref="LedgerUnavailableException">The ledger does not hold it.</exception>
    public async Task<string> RunAsync(VerifiedCapability capability, AuditEvent reported, string requestId)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());
        var (payload, subject) = (capability.Payload, capability.Subject);
        var receipt = await ledger.AppendAsync(
            new LedgerEntry
            {
                RecordId = RecordId.New(now),
                MintedAt = now,
                Kind = AuditEvent.Kind,
                Outcome = Foundation.Results.LedgerOutcome.Ok,
                RequestedRole = AuditEvent.RequestedRole,
                Actor = capability.Caller.OnRecord,
                Bearer = capability.Caller.BearerHash,
                Detail = $"{reported.OpKind} {reported.Result}",
                RequestId = requestId,
                Evidence = EntryEvidence.Of(
                    ("body", reported.Body.ToString()), ("capability_nonce", payload.Nonce),
                    ("data_class", payload.DataClass), ("device_key_hash", subject.DeviceKeyHash), ("op", payload.Op),
                    ("op_kind", reported.OpKind), ("operator_omni", subject.Operator.ToString()),
                    ("result", reported.Result), ("service", subject.Service)),
            },
            CancellationToken.None);
        Recorded.Add(1);
        return receipt.RecordId;
    }
}

using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using Broker.Capabilities;
using Broker.Foundation.Results;
using Broker.Ledger;
using Broker.Ledger.Writing;
using Broker.Metrics;

namespace Broker.DataClasses;

/// <summary>What was done, and the entry that says so.</summary>
/// <param name="Key">The object's, or the prefix.</param>
/// <param name="Count">Bytes of the envelope, or keys that were deleted.</param>
internal sealed record DataDone(string Key, int Count, string RecordId);

/// <summary>A plaintext that is on record; the caller wipes it.</summary>
internal sealed record FetchedData(byte[] Plaintext, string RecordId);

/// <summary>
/// Stores, fetches and tears down: allowed by a capability, on record, and only then done. A store or a teardown that
/// S3 then refuses has a second entry, the refusal.
/// </summary>
internal sealed class KeptData(
    DataBucket bucket, DataKeys keys, ServiceBudget budget, ReleaseLedger ledger, TimeProvider time, Meter meter)
{
    private readonly Counter<long> _done =
        meter.Counter("agentkeys_broker_data_requests_total", "Stores, fetches and teardowns done.");

    private readonly Counter<long> _refused =
        meter.Counter("agentkeys_broker_data_requests_failed_total", "Requests to data-class services that failed.");

    public IReadOnlyList<Instrument> Metrics => [_done, _refused];

    /// <summary>What must hold beside the capability: it is the master's own, of a service of this class, and not too
    /// often.</summary>
    public Refusal? Check(KeptClass kept, DataOp op, VerifiedCapability capability)
    {
        var subject = capability.Subject;
        if (kept.Class.IsOfMasterItself(op) && !subject.IsMasterItself)
        {
            return op == DataOp.Store && kept.Class == DataClass.Cred
                ? new Refusal(CapabilityRefusals.CredStoreNotMasterSelf, "only the master itself stores credentials")
                : new Refusal(DataRefusals.ConfigNotMasterSelf, "only the master itself has configurations");
        }

        if (op != DataOp.Teardown && !kept.Class.Keeps(subject.Service))
        {
            return new Refusal(
                CapabilityRefusals.ServiceNotInScope, "the service of a memory is memory:<namespace>");
        }

        return budget.Take(capability.Caller);
    }

    /// <summary>Counts a request, and how it ended.</summary>
    public void Count(bool hasFailed) => (hasFailed ? _refused : _done).Add(1);

    /// <exception cref="LedgerUnavailableException">The ledger does not hold it; nothing was put.</exception>
    public async Task<Result<DataDone>> StoreAsync(DataRequest request, ReadOnlyMemory<byte> plaintext)
    {
        var (kept, capability, rights) = request;
        var (subject, epoch) = (capability.Subject, capability.Payload.Epoch);
        var envelope = Envelope.Seal(keys.Of(kept), subject, epoch, plaintext.Span);
        var recorded = await RecordAsync(DataOp.Store, request, kept.Class.KeyOf(subject), envelope);
        var release = recorded.Redeem();
        var put = await bucket.PutAsync(rights, kept.Bucket, release.Place, release.Content, epoch);
        if (put.Refusal is { } refusal) return refusal;
        return new DataDone(release.Place, envelope.Length, recorded.Receipt.RecordId);
    }

    /// <exception cref="LedgerUnavailableException">The ledger does not hold it; nothing may be answered.</exception>
    public async Task<Result<FetchedData>> FetchAsync(DataRequest request)
    {
        var (kept, capability, rights) = request;
        var (subject, epoch) = (capability.Subject, capability.Payload.Epoch);
        var key = kept.Class.KeyOf(subject);
        var got = await bucket.GetAsync(rights, kept.Bucket, key);
        if (got.Refusal is { } refusal) return refusal;

        // The object says the epoch that it was sealed in, and the envelope proves it: what was stored before an epoch
        // ended stays readable, by a capability of the present one.
        if (Envelope.Open(keys.Of(kept), subject, got.Value.Epoch ?? epoch, got.Value.Bytes) is not { } plaintext)
        {
            return new Refusal(
                DataRefusals.EnvelopeDecrypt, $"{key} does not open: it was changed, or sealed by another key");
        }

        try
        {
            var recorded = await RecordAsync(DataOp.Fetch, request, key, plaintext);
            return new FetchedData(recorded.Redeem().Content, recorded.Receipt.RecordId);
        }
        catch
        {
            CryptographicOperations.ZeroMemory(plaintext);
            throw;
        }
    }

    /// <exception cref="LedgerUnavailableException">The ledger does not hold it; nothing was deleted.</exception>
    public async Task<Result<DataDone>> TearDownAsync(DataRequest request)
    {
        var (kept, capability, rights) = request;
        var recorded = await RecordAsync(DataOp.Teardown, request, kept.Class.PrefixOf(capability.Subject), []);
        var release = recorded.Redeem();
        var deleted = await bucket.DeleteAllAsync(rights, kept.Bucket, release.Place);
        if (deleted.Refusal is { } refusal) return refusal;
        return new DataDone(release.Place, deleted.Value, recorded.Receipt.RecordId);
    }

    private ValueTask<RecordedRelease<DataRelease>> RecordAsync(
        DataOp op, DataRequest request, string place, byte[] content)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());
        var release = new DataRelease(
            RecordId.New(now), now, op, request.Kept, request.Capability, request.Rights, place, content,
            request.RequestId);
        return ledger.RecordAsync(release, CancellationToken.None);
    }
}

/// <summary>A request that may be done.</summary>
internal sealed record DataRequest(KeptClass Kept, VerifiedCapability Capability, DataRights Rights)
{
    public required string RequestId { get; init; }
}

/// <summary>The keys of the classes that this process keeps.</summary>
internal sealed class DataKeys(IReadOnlyDictionary<DataClass, DataKey> keys)
{
    public DataKey Of(KeptClass kept) => keys[kept.Class];
}

using System.Net;
using Broker.Foundation.Results;
using Broker.Kms.Authorization;
using Broker.Kms.Derivation;
using Broker.Kms.Keys;
using Broker.Kms.Tls;
using Broker.Ledger;
using Broker.Ledger.Refusals;
using Broker.Ledger.Writing;

namespace Broker.Kms.Records;

/// <summary>What of the KMS is recorded: the kind of entry and the method's name.</summary>
internal sealed record KmsAction(EntryKind Kind, string Method)
{
    public static readonly KmsAction GetAppKey = new(KmsEntryKinds.AppKey, "GetAppKey");
    public static readonly KmsAction GetKmsKey = new(KmsEntryKinds.KmsKey, "GetKmsKey");
    public static readonly KmsAction GetTempCaCert = new(KmsEntryKinds.TempCaCert, "GetTempCaCert");
    public static readonly KmsAction SignCert = new(KmsEntryKinds.Certificate, "SignCert");
    public static readonly KmsAction Bootstrap = new(KmsEntryKinds.Bootstrap, "Bootstrap");
    public static readonly KmsAction Onboard = new(KmsEntryKinds.Onboard, "Onboard");

    /// <summary>Only wrong tokens of operators are recorded.</summary>
    public static readonly KmsAction Admin = new(KmsEntryKinds.Admin, "ClearImageCache");
}

/// <summary>Something that the KMS lets go, or brings into being, once it is on record.</summary>
/// <typeparam name="TWhat">What the answer will be made from.</typeparam>
internal sealed record KmsRelease<TWhat>(TWhat What, LedgerEntry Entry) : IRelease
{
    public LedgerEntry ToEntry() => Entry;
}

/// <summary>The KMS's side of the ledger. Both verbs return after the entry is durable.</summary>
internal sealed class KmsRecords(IKmsLedger ledger, TimeProvider time)
{
    /// <summary>Reasons come from a webhook, so they have a bound.</summary>
    private const int MaxDetail = 2000;

    /// <summary>Has the ledger open for what these roots are to sign.</summary>
    public void Open(RootKeys roots) => ledger.Open(new BrokerKeys(roots));

    /// <summary>
    /// Puts a release on record and gives the one thing that an answer with key material can be made from.
    /// </summary>
    /// <exception cref="LedgerUnavailableException">Nothing may leave.</exception>
    public async Task<RecordedRelease<KmsRelease<TWhat>>> RecordAsync<TWhat>(
        KmsAction action, TWhat what, KmsSubject subject, string requestId, DateTimeOffset? expiresAt = null)
    {
        var entry = Entry(action, LedgerOutcome.Ok, null, subject, requestId) with { ExpiresAt = expiresAt };
        return await Opened.RecordAsync(new KmsRelease<TWhat>(what, entry), CancellationToken.None);
    }

    /// <summary>
    /// Puts a refusal on record and gives it back. A caller who hangs up does not take the entry with it. A caller
    /// that is refused too often is told so, and its refusal is counted.
    /// </summary>
    /// <exception cref="LedgerUnavailableException">The refusal is not on record.</exception>
    public Task<Refusal> RefuseAsync(KmsAction action, Refusal refusal, KmsSubject subject, RpcCaller caller) =>
        RefuseAsync(action, refusal, subject, caller.RequestId, caller.Address);

    /// <summary>The same for a request whose caller is known by its address only.</summary>
    /// <exception cref="LedgerUnavailableException">The refusal is not on record.</exception>
    public async Task<Refusal> RefuseAsync(
        KmsAction action, Refusal refusal, KmsSubject subject, string requestId, IPAddress? address)
    {
        var detail = refusal.Detail.Length <= MaxDetail ? refusal.Detail : refusal.Detail[..MaxDetail] + "…";
        var entry = Entry(action, refusal.Code.Outcome!, detail, subject, requestId) with
        {
            Evidence = subject.Evidence.With("code", refusal.Code.Text),
        };
        if (ledger.Refusals is not { } refusals) return refusal; // there is no ledger yet; the listener logs it
        return await refusals.RecordAsync(RefusalSource.Of(address), refusal.Code.Text, entry) is null
            ? refusal
            : new Refusal(
                RecordRefusals.TooManyRefusals,
                $"too many refused requests, try again in a minute: {refusal.Detail}");
    }

    /// <summary>
    /// A place for an entry about somebody who has proven nothing; the refusal when this address, or all together, ask
    /// too often.
    /// </summary>
    public Refusal? TakeAnonymous(KmsAction action, RpcCaller caller) =>
        ledger.Refusals?.Take(RefusalSource.Of(caller.Address), RecordRefusals.TooManyRequests.Text) is null
            ? null
            : new Refusal(
                RecordRefusals.TooManyRequests, $"too many {action.Method} requests, try again in a minute");

    private ReleaseLedger Opened => ledger.Ledger
        ?? throw new InvalidOperationException("internal error: nothing is released before there are roots");

    private LedgerEntry Entry(
        KmsAction action, LedgerOutcome outcome, string? detail, KmsSubject subject, string requestId)
    {
        var now = time.GetUtcNow();
        return new LedgerEntry
        {
            RecordId = RecordId.New(now),
            MintedAt = now,
            Kind = action.Kind,
            Outcome = outcome,
            RequestedRole = action.Method,
            Session = subject.Name.Length > 0 ? EntrySession.Of(subject.Name) : EntrySession.Unauthenticated,
            Detail = detail,
            Subject = subject.Name,
            RequestId = requestId,
            Evidence = subject.Evidence,
        };
    }
}

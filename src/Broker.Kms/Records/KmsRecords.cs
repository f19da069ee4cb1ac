using Broker.Ledger;

namespace Broker.Kms.Records;

/// <summary>What of the KMS is recorded: the ledger's kind and the method's name.</summary>
internal sealed record KmsAction(string Kind, string Method)
{
    public static readonly KmsAction GetAppKey = new(LedgerKind.KmsAppKey, "GetAppKey");
    public static readonly KmsAction GetKmsKey = new(LedgerKind.KmsKmsKey, "GetKmsKey");
    public static readonly KmsAction GetTempCaCert = new(LedgerKind.KmsTempCaCert, "GetTempCaCert");
    public static readonly KmsAction SignCert = new(LedgerKind.KmsCertificate, "SignCert");
    public static readonly KmsAction Bootstrap = new(LedgerKind.KmsBootstrap, "Bootstrap");
    public static readonly KmsAction Onboard = new(LedgerKind.KmsOnboard, "Onboard");

    /// <summary>Only wrong tokens of operators are recorded.</summary>
    public static readonly KmsAction Admin = new(LedgerKind.KmsAdmin, "ClearImageCache");
}

/// <summary>Something that the KMS lets go, or brings into being, once it is on record.</summary>
/// <typeparam name="TWhat">What the answer will be made from.</typeparam>
internal sealed record KmsRelease<TWhat>(TWhat What, LedgerEntry Entry) : IRelease
{
    public LedgerEntry ToEntry() => Entry;
}

/// <summary>The KMS's side of the ledger. Both verbs return after the entry is durable.</summary>
internal sealed class KmsRecords(ReleaseLedger ledger, TimeProvider time)
{
    /// <summary>Reasons come from a webhook, so they have a bound.</summary>
    private const int MaxDetail = 2000;

    /// <summary>
    /// Puts a release on record and gives the one thing that an answer with key material can be made from.
    /// </summary>
    /// <exception cref="LedgerUnavailableException">Nothing may leave.</exception>
    public async Task<RecordedRelease<KmsRelease<TWhat>>> RecordAsync<TWhat>(
        KmsAction action, TWhat what, KmsSubject subject, string requestId, CancellationToken stop, long expiresAt = 0)
    {
        var entry = Entry(action, LedgerOutcome.Ok, null, subject, requestId) with { ExpiresAt = expiresAt };
        return await ledger.RecordAsync(new KmsRelease<TWhat>(what, entry), stop);
    }

    /// <summary>
    /// Puts a refusal on record and gives it back. A caller who hangs up does not take the entry with it.
    /// </summary>
    /// <exception cref="LedgerUnavailableException">The refusal is not on record.</exception>
    public async Task<Refusal> RefuseAsync(KmsAction action, Refusal refusal, KmsSubject subject, string requestId)
    {
        var detail = refusal.Text.Length <= MaxDetail ? refusal.Text : refusal.Text[..MaxDetail] + "…";
        await ledger.AppendAsync(Entry(action, refusal.Outcome, detail, subject, requestId), CancellationToken.None);
        return refusal;
    }

    private LedgerEntry Entry(KmsAction action, string outcome, string? detail, KmsSubject subject, string requestId)
    {
        var now = time.GetUtcNow();
        return new LedgerEntry
        {
            MintedAt = now.ToUnixTimeSeconds(),
            RequesterToken = "",
            RequesterWallet = "unknown",
            RequestedRole = action.Method,
            SessionDurationSeconds = 0,
            StsSessionName = subject.Name.Length > 0 ? subject.Name : "(unauthenticated)",
            Outcome = outcome,
            OutcomeDetail = detail,
            RecordId = RecordId.New(now).ToString(),
            Kind = action.Kind,
            Subject = subject.Name,
            RequestId = requestId,
            Evidence = subject.Evidence,
        };
    }
}

using Broker.Http;
using Broker.Ledger;
using Broker.Sessions;

namespace Broker.Releases;

/// <summary>What was asked for when it was refused: enough for the ledger's row.</summary>
/// <param name="Kind">One of <see cref="LedgerKind"/>.</param>
/// <param name="RequestedRole">A role's ARN, or <c>oidc_jwt</c>, or <c>session_jwt</c>.</param>
internal sealed record RefusedRequest(string Kind, string RequestedRole)
{
    public string BearerHash { get; init; } = "";

    /// <summary>Known once the caller is authenticated.</summary>
    public VerifiedCaller? Caller { get; init; }

    public string SessionName { get; init; } = "(unauthenticated)";
}

/// <summary>Writes refusals to the ledger before they are answered.</summary>
internal sealed partial class RefusalRecords(ReleaseLedger ledger, TimeProvider time, ILogger<RefusalRecords> log)
{
    /// <summary>
    /// Records the refusal where its code asks for that, then gives the answer. A ledger that cannot write does not
    /// change the answer: nothing leaves either way, and the fault is logged.
    /// </summary>
    public async ValueTask<IResult> RefuseAsync(
        HttpContext http, Refusal refusal, RefusedRequest asked, CancellationToken stop)
    {
        if (RefusalCatalog.Of(refusal.Code).Outcome is { } outcome)
        {
            try
            {
                await ledger.AppendAsync(Entry(http, refusal, asked, outcome), stop);
            }
            catch (LedgerUnavailableException fault)
            {
                LogNotRecorded(log, refusal.Code, http.RequestId(), fault);
            }
        }

        return new ErrorAnswer(refusal);
    }

    private LedgerEntry Entry(HttpContext http, Refusal refusal, RefusedRequest asked, string outcome)
    {
        var now = time.GetUtcNow();
        return new LedgerEntry
        {
            MintedAt = now.ToUnixTimeSeconds(),
            RequesterToken = asked.BearerHash,
            RequesterWallet = asked.Caller?.Wallet?.ToString() ?? "unknown",
            RequestedRole = asked.RequestedRole,
            SessionDurationSeconds = 0,
            StsSessionName = asked.SessionName,
            Outcome = outcome,
            OutcomeDetail = refusal.Detail,
            RecordId = RecordId.New(now).ToString(),
            Kind = asked.Kind,
            ActorOmni = asked.Caller?.Actor.ToString() ?? "",
            RequestId = http.RequestId(),
        };
    }

    [LoggerMessage(Level = LogLevel.Error,
        Message = "refusal {Code} of request {RequestId} is not on record: the ledger cannot write")]
    private static partial void LogNotRecorded(ILogger log, RefusalCode code, string requestId, Exception fault);
}

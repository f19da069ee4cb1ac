using Broker.Foundation.Results;
using Broker.Http;
using Broker.Ledger;
using Broker.Ledger.Refusals;

namespace Broker.Refusals;

/// <summary>Writes refusals to the ledger before they are answered.</summary>
internal sealed partial class RefusalRecords(RefusalRecorder recorder, TimeProvider time, ILogger<RefusalRecords> log)
{
    /// <summary>
    /// Records the refusal where its code asks for that, then gives the answer; also when the client has hung up. A
    /// caller that is refused too often is told so, with 429, and its refusal is counted. A ledger that cannot write
    /// does not change the answer: nothing leaves either way, and the fault is logged.
    /// </summary>
    public async ValueTask<IResult> RefuseAsync(HttpContext http, Refusal refusal, RefusedRequest asked)
    {
        if (refusal.Code.Status >= StatusCodes.Status500InternalServerError)
            LogFailed(log, refusal.Code.Text, http.RequestId(), refusal.Detail);
        if (refusal.Code.Outcome is { } outcome)
        {
            try
            {
                var source = asked.Caller is { } caller
                    ? RefusalSource.OfActor(caller.Actor.ToString())
                    : RefusalSource.Of(ClientAddress.AddressOf(http));
                var entry = Entry(http, refusal, asked, outcome);
                if (await recorder.RecordAsync(source, refusal.Code.Text, entry) is { } wait)
                    return new ErrorAnswer(TooMany(refusal, wait));
            }
            catch (LedgerUnavailableException fault)
            {
                LogNotRecorded(log, refusal.Code.Text, http.RequestId(), fault);
            }
        }

        return new ErrorAnswer(refusal);
    }

    private static Refusal TooMany(Refusal refusal, TimeSpan wait) => new(
        BudgetRefusals.TooManyRefusals, $"too many refused requests; this one was refused too: {refusal.Detail}")
    {
        RetryAfter = wait,
    };

    private LedgerEntry Entry(HttpContext http, Refusal refusal, RefusedRequest asked, LedgerOutcome outcome)
    {
        var now = time.GetUtcNow();
        return new LedgerEntry
        {
            RecordId = RecordId.New(now),
            MintedAt = now,
            Kind = asked.Kind,
            Outcome = outcome,
            RequestedRole = asked.RequestedRole,
            Actor = asked.Caller?.OnRecord ?? default,
            Bearer = asked.Bearer,
            Session = asked.Session,
            Detail = refusal.Detail,
            RequestId = http.RequestId(),
            Evidence = EntryEvidence.Of(("code", refusal.Code.Text)),
        };
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Code} for request {RequestId}: {Reason}")]
    private static partial void LogFailed(ILogger log, string code, string requestId, string reason);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "refusal {Code} of request {RequestId} is not on record: the ledger cannot write")]
    private static partial void LogNotRecorded(ILogger log, string code, string requestId, Exception fault);
}

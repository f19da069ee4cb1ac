using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Ledger;
using Broker.Ledger.Writing;

namespace Broker.Sessions;

/// <summary>
/// Ends a session: from the return on its token is refused. The end is an entry of the ledger. Every way to end one
/// comes here.
/// </summary>
internal sealed partial class RevokeSession(
    RevokedSessions revoked, ReleaseLedger ledger, TimeProvider time, ILogger<RevokeSession> log)
{
    /// <param name="bearer">Of the session's token.</param>
    /// <param name="by">Who ended it, for the ledger.</param>
    public async ValueTask RunAsync(VerifiedSession session, Sha256Digest bearer, string requestId, string by)
    {
        // Revoked first: a ledger that cannot write must not keep anybody's session alive.
        revoked.Revoke(session.TokenId, session.ValidUntil);
        try
        {
            await ledger.AppendAsync(
                Entry(session, bearer, requestId, by, time.GetUtcNow()), CancellationToken.None);
        }
        catch (LedgerUnavailableException fault)
        {
            LogNotRecorded(log, requestId, fault);
        }
    }

    private static LedgerEntry Entry(
        VerifiedSession session, Sha256Digest bearer, string requestId, string by, DateTimeOffset now) => new()
        {
            RecordId = RecordId.New(now),
            MintedAt = now,
            Kind = SessionTokenRelease.Kind,
            Outcome = LedgerOutcome.Revoked,
            RequestedRole = SessionTokenRelease.RequestedRole,
            Actor = session.Identity.OnRecord,
            Bearer = bearer,
            Session = EntrySession.Of(session.TokenId),
            Detail = $"the session of {session.TokenId} was ended by {by}",
            RequestId = requestId,
        };

    [LoggerMessage(Level = LogLevel.Error,
        Message = "the end of a session is not on record, request {RequestId}: the ledger cannot write")]
    private static partial void LogNotRecorded(ILogger log, string requestId, Exception fault);
}

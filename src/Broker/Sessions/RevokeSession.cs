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
    /// <param name="bearerHash">SHA-256 of the session's token.</param>
    /// <param name="by">Who ended it, for the ledger.</param>
    public async ValueTask RunAsync(VerifiedSession session, string bearerHash, string requestId, string by)
    {
        // Revoked first: a ledger that cannot write must not keep anybody's session alive.
        revoked.Revoke(session.TokenId, session.ValidUntil);
        try
        {
            await ledger.AppendAsync(
                Entry(session, bearerHash, requestId, by, time.GetUtcNow()), CancellationToken.None);
        }
        catch (LedgerUnavailableException fault)
        {
            LogNotRecorded(log, requestId, fault);
        }
    }

    private static LedgerEntry Entry(
        VerifiedSession session, string bearerHash, string requestId, string by, DateTimeOffset now) => new()
        {
            MintedAt = now.ToUnixTimeSeconds(),
            RequesterToken = bearerHash,
            RequesterWallet = session.Identity.Wallet?.ToString() ?? session.Identity.Omni.ToString(),
            RequestedRole = SessionTokenRelease.RequestedRole,
            SessionDurationSeconds = 0,
            StsSessionName = session.TokenId,
            Outcome = LedgerOutcome.Revoked,
            OutcomeDetail = $"the session of {session.TokenId} was ended by {by}",
            RecordId = RecordId.New(now).ToString(),
            Kind = LedgerKind.SessionToken,
            ActorOmni = session.Identity.Omni.ToString(),
            RequestId = requestId,
        };

    [LoggerMessage(Level = LogLevel.Error,
        Message = "the end of a session is not on record, request {RequestId}: the ledger cannot write")]
    private static partial void LogNotRecorded(ILogger log, string requestId, Exception fault);
}

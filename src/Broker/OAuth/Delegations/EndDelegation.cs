using Broker.Ledger;
using Broker.Ledger.Writing;
using Broker.Sessions;

namespace Broker.OAuth.Delegations;

/// <summary>
/// Ends a delegation: from the return on its refresh tokens are refused, and every session that was issued under it.
/// </summary>
internal sealed partial class EndDelegation(
    IDelegationStore delegations, RevokeSession revoke, ReleaseLedger ledger, TimeProvider time,
    ILogger<EndDelegation> log)
{
    /// <param name="why">For the ledger.</param>
    public async ValueTask RunAsync(Delegation delegation, string requestId, string why)
    {
        // Ended first: a ledger that cannot write must not keep what leaked alive.
        foreach (var one in delegations.End(delegation.Id))
        {
            var session = new VerifiedSession(
                one.TokenId, delegation.Person with { Terms = delegation.Terms }, one.ExpiresAt);
            await revoke.RunAsync(session, one.Bearer, requestId, $"the end of its delegation ({why})");
        }

        try
        {
            await ledger.AppendAsync(
                DelegationChange.Ended(delegation, why, requestId, time.GetUtcNow()), CancellationToken.None);
        }
        catch (LedgerUnavailableException fault)
        {
            LogNotRecorded(log, requestId, fault);
        }
    }

    [LoggerMessage(Level = LogLevel.Error,
        Message = "the end of a delegation is not on record, request {RequestId}: the ledger cannot write")]
    private static partial void LogNotRecorded(ILogger log, string requestId, Exception fault);
}

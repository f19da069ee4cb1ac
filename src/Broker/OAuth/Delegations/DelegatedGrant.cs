using Broker.Foundation.Results;
using Broker.Ledger;
using Broker.OAuth.Protocol;
using Broker.Sessions;

namespace Broker.OAuth.Delegations;

/// <summary>A code or refresh token that was taken. It is given back where the ledger could not write.</summary>
internal sealed class DelegatedGrant(
    IssueDelegated issue, Delegation delegation, OAuthClient client, string scope, OAuthCall call, Action giveBack)
    : IProvenGrant
{
    public string Subject => SessionTokenRelease.SubjectOf(delegation.Person);

    public async ValueTask<Result<GrantedToken>> IssueAsync()
    {
        try
        {
            return await issue.RunAsync(delegation, client, scope, call.Key, call.Attempt.RequestId);
        }
        catch (LedgerUnavailableException)
        {
            giveBack();
            throw;
        }
    }
}

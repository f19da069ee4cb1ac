using Broker.Foundation.Results;
using Broker.Ledger;
using Broker.OAuth.ForeignIssuers;
using Broker.OAuth.Protocol;

namespace Broker.OAuth.Grants;

/// <summary>
/// A grant for a foreign token whose <c>jti</c> is good once. It is given back where nothing came of it, so that a job
/// whose token cannot be had anew may ask again.
/// </summary>
internal sealed class OnceGrant(IProvenGrant grant, IUsedForeignTokens used, ProvenToken token) : IProvenGrant
{
    public string Subject => grant.Subject;

    public async ValueTask<Result<GrantedToken>> IssueAsync()
    {
        if (token.TokenId is not { } id) return await grant.IssueAsync();
        if (!used.TryUse(token.Issuer.Name, id, token.ExpiresAt))
            return new Refusal(ForeignRefusals.TokenReplayed, $"the token of {token.Issuer.Name} was used before");
        try
        {
            var granted = await grant.IssueAsync();
            if (granted.IsRefused) used.GiveBack(token.Issuer.Name, id);
            return granted;
        }
        catch (LedgerUnavailableException)
        {
            used.GiveBack(token.Issuer.Name, id);
            throw;
        }
    }
}

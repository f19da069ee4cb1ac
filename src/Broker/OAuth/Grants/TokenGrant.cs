using Broker.Foundation.Results;
using Broker.Identity;
using Broker.OAuth.Protocol;
using Broker.Releases;
using Broker.Tokens;

namespace Broker.OAuth.Grants;

/// <summary>
/// A proven caller that gets an OIDC token, by every check that <c>POST /v1/mint-oidc-jwt</c> makes.
/// </summary>
internal sealed class TokenGrant(IssueOidcToken issue, VerifiedCaller caller, ExchangeWish wish, string requestId)
    : IProvenGrant
{
    public string Subject => $"agentkeys:agent:{caller.WalletOrActor}";

    public async ValueTask<Result<GrantedToken>> IssueAsync()
    {
        using var timed = issue.Time();
        var issued = await issue.RunAsync(
            new MintRequest(caller, issue.Want(wish.Role, wish.LifetimeSeconds, wish.Audience), wish.Body, requestId));
        if (issued.Refusal is { } denied) return denied;
        timed.Succeeded();
        return new GrantedToken(issued.Value.Token.Reveal(), issued.Value.Mint.ExpiresAt);
    }
}

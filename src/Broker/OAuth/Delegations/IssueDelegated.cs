using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Ledger;
using Broker.OAuth.Protocol;
using Broker.Sessions;
using OpenIddict.Abstractions;

namespace Broker.OAuth.Delegations;

/// <summary>
/// Issues what a client gets for a delegation: a session of the person's; a refresh token where <c>offline_access</c>
/// was granted and the client may refresh; an ID token where <c>openid</c> was. Each token is on record before it leaves.
/// </summary>
internal sealed class IssueDelegated(
    IDelegationStore delegations, IssueSession issue, IssueIdToken idTokens, RevokeSession revoke)
{
    /// <param name="scope">All of the delegation's, or less.</param>
    /// <param name="key">What the session is bound to, and the refresh token of a public client; null for bearers.</param>
    /// <exception cref="LedgerUnavailableException">The ledger does not hold it; nothing leaves.</exception>
    public async ValueTask<Result<GrantedToken>> RunAsync(
        Delegation delegation, OAuthClient client, string scope, string? key, string requestId)
    {
        var person = delegation.Person with { Key = key, Terms = delegation.Terms with { Scope = scope } };
        var issued = await issue.RunAsync(person, delegation.How, requestId);
        var idToken = delegation with { Terms = person.Terms } is var granted && granted.Has(Scopes.OpenId)
            ? await idTokens.RunAsync(granted, issued, requestId)
            : null;

        // Ended meanwhile, then its sessions are too.
        var bearer = Sha256Digest.Of(issued.Token);
        if (!delegations.AddSession(delegation.Id, new DelegatedSession(issued.RecordId, bearer, issued.ExpiresAt)))
        {
            await revoke.RunAsync(
                new VerifiedSession(issued.RecordId, person, issued.ExpiresAt), bearer, requestId,
                "the end of its delegation");
            return new Refusal(OAuthRefusals.InvalidGrant, "what was granted was ended");
        }

        return new GrantedToken(issued.Token, issued.ExpiresAt)
        {
            IdToken = idToken,
            Scope = scope,
            IsBound = key is not null,
            RefreshToken = delegation.Has(Scopes.OfflineAccess)
                && client.GrantTypes.Contains(OpenIddictConstants.GrantTypes.RefreshToken)
                    ? NewRefreshToken(delegation, client.IsPublic ? key : null)
                    : null,
        };
    }

    private string NewRefreshToken(Delegation delegation, string? key)
    {
        var token = OpaqueToken.New();
        delegations.AddRefreshToken(delegation.Id, Sha256Digest.Of(token), key);
        return token;
    }

    private static class Scopes
    {
        public const string OpenId = OpenIddictConstants.Scopes.OpenId;
        public const string OfflineAccess = OpenIddictConstants.Scopes.OfflineAccess;
    }
}

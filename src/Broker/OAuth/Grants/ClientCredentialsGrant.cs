using Broker.Foundation.Results;
using Broker.Identity;
using Broker.Ledger;
using Broker.OAuth.Protocol;
using Broker.Sessions;
using OpenIddict.Abstractions;

namespace Broker.OAuth.Grants;

/// <summary>
/// <c>client_credentials</c>: a session of the client itself. Its actor is made of identity type <c>oauth_client</c> and
/// the <c>client_id</c>; it has no wallet.
/// </summary>
internal sealed class ClientCredentialsGrant(IssueSession issue, IdentityOptions identities, SessionMetrics metrics)
    : IGrant
{
    private const string How = "client_credentials";

    public string Type => OpenIddictConstants.GrantTypes.ClientCredentials;

    public ValueTask<Result<IProvenGrant>> ProveAsync(OAuthCall call, OpenIddictRequest request, string? clientId)
    {
        // OpenIddict demands the client of this grant.
        var actor = ActorOmni.Of(identities.ClientId, IdentityType.OAuthClient, clientId!);
        call.Attempt.Know(actor);
        metrics.Count(null);
        var identity = new SessionIdentity(actor, null, IdentityType.OAuthClient, clientId!)
        {
            Key = call.Key,
        };
        return new(new SessionGrant(issue, identity, How, call.Attempt.RequestId));
    }
}

using System.Security.Claims;
using Broker.OAuth.Protocol;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Broker.OAuth.Grants;

/// <summary>The first half of a token request: who asks, and for what? Nothing is issued here.</summary>
internal sealed class ProveGrant(IEnumerable<IGrant> grants) : IOpenIddictServerHandler<HandleTokenRequestContext>
{
    private readonly Dictionary<string, IGrant> _grants =
        grants.ToDictionary(grant => grant.Type, StringComparer.Ordinal);

    public async ValueTask HandleAsync(HandleTokenRequestContext context)
    {
        var call = OAuthCall.Of(context.Transaction);

        // OpenIddict has refused the grants that are not enabled.
        var proven = await _grants[context.Request.GrantType!]
            .ProveAsync(call, context.Request, context.Request.ClientId);
        if (proven.Refusal is { } refusal)
        {
            call.Refuse(context, refusal);
            return;
        }

        call.Proven = proven.Value;
        var identity = new ClaimsIdentity(nameof(ProveGrant));
        identity.SetClaim(OpenIddictConstants.Claims.Subject, proven.Value.Subject);
        context.SignIn(new ClaimsPrincipal(identity));
    }
}

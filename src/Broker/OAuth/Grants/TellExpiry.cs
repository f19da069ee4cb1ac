using Broker.OAuth.Protocol;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Broker.OAuth.Grants;

/// <summary><c>expires_in</c> is the issued token's own, not OpenIddict's usual lifetime.</summary>
internal sealed class TellExpiry(TimeProvider time) : IOpenIddictServerHandler<ProcessSignInContext>
{
    public ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (OAuthCall.Of(context.Transaction).Granted is { } granted)
            context.Response.ExpiresIn = (long)Math.Round((granted.ExpiresAt - time.GetUtcNow()).TotalSeconds);
        return ValueTask.CompletedTask;
    }
}

using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Broker.OAuth.Grants;

/// <summary>
/// OpenIddict asks for one token, that of the grant; what goes with it, the use case issues too.
/// </summary>
internal sealed class OneToken : IOpenIddictServerHandler<ProcessSignInContext>
{
    public ValueTask HandleAsync(ProcessSignInContext context)
    {
        (context.GenerateRefreshToken, context.IncludeRefreshToken) = (false, false);
        if (context.EndpointType == OpenIddictServerEndpointType.Token)
            (context.GenerateIdentityToken, context.IncludeIdentityToken) = (false, false);
        return ValueTask.CompletedTask;
    }
}

using Broker.OAuth.Protocol;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Broker.OAuth.Grants;

/// <summary>Says what an exchange gives where the request does not, before OpenIddict looks at it.</summary>
internal sealed class UsualExchangeType : IOpenIddictServerHandler<ValidateTokenRequestContext>
{
    public ValueTask HandleAsync(ValidateTokenRequestContext context)
    {
        if (context.Request.IsTokenExchangeGrantType())
            context.Request.RequestedTokenType = ExchangeTypes.WantedBy(context.Request);
        return ValueTask.CompletedTask;
    }
}

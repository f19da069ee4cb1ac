using System.Security.Claims;
using Broker.OAuth.Protocol;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Broker.OAuth.AccessTokens;

/// <summary>
/// A foreign issuer's token is verified by the grant that takes it. OpenIddict, which knows tokens of its own alone, is
/// given a principal of the right type in its place.
/// </summary>
internal sealed class LeaveForeignToken : IOpenIddictServerHandler<ValidateTokenContext>
{
    public ValueTask HandleAsync(ValidateTokenContext context)
    {
        if (context.Request is not { } request || !request.IsTokenExchangeGrantType()
            || !ExchangeTypes.IsForeign(request) || context.Token != request.SubjectToken
            || context.ValidTokenTypes.Contains(OpenIddictConstants.TokenTypeIdentifiers.Private.ClientAssertion))
            return ValueTask.CompletedTask;

        var identity = new ClaimsIdentity(nameof(LeaveForeignToken));
        context.Principal = new ClaimsPrincipal(identity).SetTokenType(request.SubjectTokenType);

        // OpenIddict wants a client among a token's presenters; which client may send one is not the issuer's to say.
        if (request.ClientId is { } client) context.Principal.SetPresenters(client);
        return ValueTask.CompletedTask;
    }
}

using Broker.OAuth.Protocol;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Broker.OAuth.Grants;

/// <summary>
/// What goes with the token: <c>expires_in</c> is the issued token's own, not OpenIddict's usual lifetime; refresh token,
/// ID token and scope are those of the use case.
/// </summary>
internal sealed class TellGranted(TimeProvider time) : IOpenIddictServerHandler<ProcessSignInContext>
{
    public ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (OAuthCall.Of(context.Transaction).Granted is not { } granted) return ValueTask.CompletedTask;
        var answer = context.Response;
        answer.ExpiresIn = (long)Math.Round((granted.ExpiresAt - time.GetUtcNow()).TotalSeconds);
        if (granted.IsBound) answer.TokenType = "DPoP";
        if (granted.RefreshToken is { } refresh) answer.RefreshToken = refresh;
        if (granted.IdToken is { } idToken) answer.IdToken = idToken;
        if (granted.Scope is { Length: > 0 } scope) answer.Scope = scope;
        return ValueTask.CompletedTask;
    }
}

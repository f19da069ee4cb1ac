using System.Security.Claims;
using Broker.Http;
using Broker.OAuth.Protocol;
using Broker.Sessions;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Broker.OAuth.AccessTokens;

/// <summary>
/// The tokens that come back to us are session tokens, whatever way they were issued by, and are verified as every
/// other route verifies them: pinned header, own key, issuer, audience, end. OpenIddict verifies client assertions
/// only.
/// </summary>
internal sealed class RecogniseSession(Callers callers) : IOpenIddictServerHandler<ValidateTokenContext>
{
    private static readonly string[] NotSessions =
    [
        TokenTypeIdentifiers.Private.ClientAssertion, TokenTypeIdentifiers.Private.AuthorizationCode,
        TokenTypeIdentifiers.Private.DeviceCode, TokenTypeIdentifiers.RefreshToken,
    ];

    public ValueTask HandleAsync(ValidateTokenContext context)
    {
        if (context.Principal is not null
            || (context.ValidTokenTypes is { Count: 1 } types && NotSessions.Contains(types.Single())))
            return ValueTask.CompletedTask;

        var call = OAuthCall.Of(context.Transaction);
        var bearer = BearerToken.Of(context.Token ?? "");
        var session = bearer.Refusal is null ? callers.SessionForAnybody(bearer.Value) : bearer.Refusal;
        if (session.Refusal is { } refusal)
        {
            call.Note(refusal);
            context.Reject(Errors.InvalidToken, refusal.Detail);
            return ValueTask.CompletedTask;
        }

        call.Session = session.Value;
        var identity = new ClaimsIdentity(nameof(RecogniseSession));
        identity.SetClaim(Claims.Subject, SessionTokenRelease.SubjectOf(session.Value.Identity));
        context.Principal = new ClaimsPrincipal(identity).SetTokenType(TokenTypeIdentifiers.AccessToken);
        return ValueTask.CompletedTask;
    }
}

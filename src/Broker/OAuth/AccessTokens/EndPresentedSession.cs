using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;
using Broker.OAuth.Protocol;
using Broker.Sessions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Broker.OAuth.AccessTokens;

/// <summary>
/// Revocation (RFC 7009) ends the session of the token that is presented. Who presents it without a client is its
/// holder, as at <c>POST /v1/auth/session/end</c>; a client does not end the session of another client.
/// </summary>
internal sealed class EndPresentedSession(RevokeSession revoke)
    : IOpenIddictServerHandler<HandleRevocationRequestContext>
{
    public async ValueTask HandleAsync(HandleRevocationRequestContext context)
    {
        var call = OAuthCall.Of(context.Transaction);
        var session = call.Session!;
        var client = context.Request.ClientId;
        if (client is not null && session.Identity.Type == IdentityType.OAuthClient
            && session.Identity.Value != client)
        {
            call.Refuse(context, new Refusal(OAuthRefusals.SessionOfAnotherClient,
                "the token was issued to another client"));
            return;
        }

        await revoke.RunAsync(
            session, BearerToken.Of(context.Request.Token!).Value.Hash, call.Attempt.RequestId,
            client is null ? "its holder" : $"the client {client}");
    }
}

using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;
using Broker.OAuth.Delegations;
using Broker.OAuth.Protocol;
using Broker.Sessions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Broker.OAuth.AccessTokens;

/// <summary>
/// Revocation (RFC 7009) ends the session of the token that is presented. Who presents it without a client is its
/// holder, as at <c>POST /v1/auth/session/end</c>; a client does not end the session of another client. A refresh token
/// takes along all that was issued with it.
/// </summary>
internal sealed class EndPresentedSession(RevokeSession revoke, EndDelegation end)
    : IOpenIddictServerHandler<HandleRevocationRequestContext>
{
    public async ValueTask HandleAsync(HandleRevocationRequestContext context)
    {
        var call = OAuthCall.Of(context.Transaction);
        var client = context.Request.ClientId;
        if (RecogniseRefreshToken.Of(context.Transaction) is { } delegation)
        {
            if (client != delegation.Terms.ClientId)
            {
                call.Refuse(context, new Refusal(OAuthRefusals.SessionOfAnotherClient,
                    "the refresh token was issued to another client"));
                return;
            }

            await end.RunAsync(delegation, call.Attempt.RequestId, $"ended by the client {client}");
            return;
        }

        var session = call.Session!;
        var owner = session.Identity.Type == IdentityType.OAuthClient
            ? session.Identity.Value
            : session.Identity.Terms?.ClientId;
        if (client is not null && owner is not null && owner != client)
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

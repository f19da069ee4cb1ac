using Broker.Foundation.Results;
using Broker.Http;
using Broker.OAuth.Protocol;
using Broker.Sessions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Broker.OAuth.AccessTokens;

/// <summary>
/// Introspection is for clients, and for the holder of a session, who sends its token as the bearer too (RFC 7662
/// §2.1). Looked at before the token is: nobody else learns whether one is good.
/// </summary>
internal sealed class RequireCaller(Callers callers) : IOpenIddictServerHandler<ProcessAuthenticationContext>
{
    public ValueTask HandleAsync(ProcessAuthenticationContext context)
    {
        if (context.EndpointType != OpenIddictServerEndpointType.Introspection
            || OAuthCall.Of(context.Transaction).Client is { IsPublic: false })
            return ValueTask.CompletedTask;

        var call = OAuthCall.Of(context.Transaction);
        var bearer = BearerToken.Of(call.Http.Request);
        if (bearer.Refusal is null && bearer.Value.Text == context.GenericToken)
        {
            // Who holds a token that is bound to a key proves that here, too.
            var session = callers.SessionForAnybody(bearer.Value);
            if (session.Refusal is null && callers.CheckProof(bearer.Value, session.Value) is { } unproven)
                call.Refuse(context, unproven);
            return ValueTask.CompletedTask;
        }

        call.Refuse(context, new Refusal(OAuthRefusals.InvalidClient,
            "introspection needs a client that proves itself, or the token itself as the bearer"));
        return ValueTask.CompletedTask;
    }
}

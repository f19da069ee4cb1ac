using System.Text.Json;
using Broker.Issuer;
using Broker.OAuth.Protocol;
using Broker.Sessions;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Broker.OAuth.AccessTokens;

/// <summary>
/// What introspection says of a session that holds (RFC 7662 §2.2): the claims of its token, <c>agentkeys</c> included.
/// </summary>
internal sealed class DescribeSession(IssuerOptions issuer) : IOpenIddictServerHandler<HandleIntrospectionRequestContext>
{
    public ValueTask HandleAsync(HandleIntrospectionRequestContext context)
    {
        var session = OAuthCall.Of(context.Transaction).Session!;
        var who = session.Identity;
        context.Issuer = IssuerAddress.Of(issuer.Issuer);
        context.Subject = SessionTokenRelease.SubjectOf(who);
        context.TokenId = session.TokenId;
        context.TokenType = OpenIddictConstants.TokenTypes.Bearer;
        context.TokenUsage = null;
        context.ExpiresAt = session.ValidUntil;
        context.Audiences.Add(SessionTokens.Audience);
        if (who.Type == Identity.IdentityType.OAuthClient) context.ClientId = who.Value;
        context.Claims["agentkeys"] = new OpenIddictParameter(JsonSerializer.SerializeToElement(
            new SessionClaim(who.Omni.ToString(), who.Wallet?.ToString() ?? "", who.Type, who.Value),
            AccessTokensJson.Default.SessionClaim));
        return ValueTask.CompletedTask;
    }
}

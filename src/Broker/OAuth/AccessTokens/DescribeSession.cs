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
        context.TokenType = who.Key is null ? OpenIddictConstants.TokenTypes.Bearer : "DPoP";
        context.TokenUsage = null;
        context.ExpiresAt = session.ValidUntil;
        context.Audiences.Add(who.Terms?.Resource ?? SessionTokens.Audience);
        context.ClientId = who.Type == Identity.IdentityType.OAuthClient ? who.Value : who.Terms?.ClientId;
        foreach (var scope in who.Terms?.Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [])
            context.Scopes.Add(scope);
        if (who.Key is { } key)
        {
            context.Claims["cnf"] = new OpenIddictParameter(JsonSerializer.SerializeToElement(
                new KeyClaim(key), AccessTokensJson.Default.KeyClaim));
        }

        if (who.Derivation?.Acting is { } agent)
        {
            context.Claims["act"] = new OpenIddictParameter(
                JsonSerializer.SerializeToElement(ActClaim.Of(agent), AccessTokensJson.Default.ActClaim));
        }

        context.Claims["agentkeys"] = new OpenIddictParameter(JsonSerializer.SerializeToElement(
            new SessionClaim(who.Omni.ToString(), who.Wallet?.ToString() ?? "", who.Type, who.Value),
            AccessTokensJson.Default.SessionClaim));
        return ValueTask.CompletedTask;
    }
}

using System.Security.Claims;
using Broker.Cryptography;
using Broker.OAuth.Delegations;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Broker.OAuth.AccessTokens;

/// <summary>A refresh token that is to be revoked (RFC 7009 §2.1).</summary>
internal sealed class RecogniseRefreshToken(IDelegationStore delegations)
    : IOpenIddictServerHandler<ValidateTokenContext>
{
    private const string Key = "broker:delegation";

    /// <summary>Whose refresh token was presented; null where none was.</summary>
    public static Delegation? Of(OpenIddictServerTransaction transaction) =>
        transaction.Properties.GetValueOrDefault(Key) as Delegation;

    public ValueTask HandleAsync(ValidateTokenContext context)
    {
        if (context.EndpointType != OpenIddictServerEndpointType.Revocation
            || context.ValidTokenTypes.Contains(TokenTypeIdentifiers.Private.ClientAssertion)
            || context.Token is not { Length: > 0 } token
            || delegations.FindByRefreshToken(Sha256Digest.Of(token)) is not { } delegation)
            return ValueTask.CompletedTask;

        context.Transaction.Properties[Key] = delegation;
        var identity = new ClaimsIdentity(nameof(RecogniseRefreshToken));
        context.Principal = new ClaimsPrincipal(identity).SetTokenType(TokenTypeIdentifiers.RefreshToken)
            .SetPresenters(delegation.Terms.ClientId);
        return ValueTask.CompletedTask;
    }
}

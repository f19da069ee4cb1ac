using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.OAuth.Protocol;
using Broker.Sessions;
using OpenIddict.Abstractions;

namespace Broker.OAuth.Delegations;

/// <summary>
/// <c>refresh_token</c> (RFC 6749 §6): another session, and another refresh token in the place of this one. One that
/// comes twice was stolen, or its client was; then the delegation ends (RFC 9700 §4.14.2).
/// </summary>
internal sealed class RefreshGrant(
    IDelegationStore delegations, IssueDelegated issue, EndDelegation end, SessionMetrics metrics) : IGrant
{
    public string Type => OpenIddictConstants.GrantTypes.RefreshToken;

    public async ValueTask<Result<IProvenGrant>> ProveAsync(
        OAuthCall call, OpenIddictRequest request, string? clientId)
    {
        if (call.Client is not { } client) return Invalid("a refresh token goes with the client that it was issued to");
        var token = Sha256Digest.Of(request.RefreshToken!);
        if (delegations.FindByRefreshToken(token) is not { } delegation || delegation.Terms.ClientId != client.ClientId)
            return Invalid("the refresh token is not one of this client");
        call.Attempt.Know(delegation.Person.Omni);

        var scope = ScopeOf(request, delegation.Terms);
        if (scope.Refusal is { } wrong) return wrong;
        if (ResourceCheck(request, delegation.Terms, call.Issuer) is { } target) return target;
        if (delegations.KeyOfRefreshToken(token) is { } key && key != call.Key)
            return Invalid("the refresh token is bound to a key, whose proof is missing");
        if (!delegations.TakeRefreshToken(token))
        {
            await end.RunAsync(delegation, call.Attempt.RequestId, "a refresh token was used again");
            return Invalid("the refresh token was used before, or has expired; what it came from has ended");
        }

        metrics.Count(null);
        return new DelegatedGrant(
            issue, delegation, client, scope.Value, call,
            () => delegations.GiveBackRefreshToken(token));
    }

    private static Result<string> ScopeOf(OpenIddictRequest request, SessionTerms terms)
    {
        if (request.Scope is null) return terms.Scope;
        var granted = terms.Scope.Split(' ');
        return request.GetScopes().All(granted.Contains)
            ? string.Join(' ', request.GetScopes())
            : new Refusal(OAuthRefusals.InvalidScope, "scope must be of what was granted");
    }

    /// <summary>RFC 8707 §2.2: the one that was granted, or none.</summary>
    internal static Refusal? ResourceCheck(OpenIddictRequest request, SessionTerms terms, string issuer)
    {
        var asked = Resources.Of([.. request.GetResources()], issuer);
        if (asked.Refusal is { } wrong) return wrong;
        return request.GetResources().IsEmpty || asked.Value.Name == terms.Resource
            ? null
            : new Refusal(OAuthRefusals.InvalidTarget, "resource must be the one that was granted");
    }

    private static Refusal Invalid(string why) => new(OAuthRefusals.InvalidGrant, why);
}

using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.OAuth.Delegations;
using Broker.OAuth.Protocol;
using Broker.Sessions;
using OpenIddict.Abstractions;

namespace Broker.OAuth.Authorization;

/// <summary>
/// <c>authorization_code</c> (RFC 6749 §4.1.3). A code that comes twice was stolen, or its client was; what it gave ends
/// (§4.1.2).
/// </summary>
internal sealed class CodeGrant(
    ICodeStore codes, IDelegationStore delegations, IssueDelegated issue, EndDelegation end, SessionMetrics metrics)
    : IGrant
{
    public string Type => OpenIddictConstants.GrantTypes.AuthorizationCode;

    public async ValueTask<Result<IProvenGrant>> ProveAsync(
        OAuthCall call, OpenIddictRequest request, string? clientId)
    {
        // OpenIddict has compared client, address and PKCE.
        var hash = Sha256Digest.Of(request.Code!);
        if (call.Client is not { } client || codes.Find(hash) is not { } code || code.ClientId != client.ClientId
            || delegations.Find(code.DelegationId) is not { } delegation)
            return Invalid("the code is not one of this client, or what it gave was ended");
        call.Attempt.Know(delegation.Person.Omni);
        if (RefreshGrant.ResourceCheck(request, delegation.Terms, call.Issuer) is { } target) return target;
        if (code.Key is { } key && key != call.Key)
            return Invalid("the code is bound to a key, whose proof is missing");
        if (!codes.Take(hash))
        {
            await end.RunAsync(delegation, call.Attempt.RequestId, "its code was used again, or too late");
            return Invalid("the code was used before, or has expired");
        }

        metrics.Count(null);
        return new DelegatedGrant(
            issue, delegation, client, delegation.Terms.Scope, call, () => codes.GiveBack(hash));
    }

    private static Refusal Invalid(string why) => new(OAuthRefusals.InvalidGrant, why);
}

using Broker.Cryptography;
using Broker.Ledger;
using Broker.Ledger.Writing;
using Broker.OAuth.Delegations;

namespace Broker.OAuth.Authorization;

/// <summary>A person's word on what a client asks for: on record, then in force.</summary>
internal sealed class GrantCode(
    IDelegationStore delegations, ICodeStore codes, ReleaseLedger ledger, TimeProvider time)
{
    private const string How = "authorization_code";

    /// <summary>Gives the code that the client fetches its tokens with.</summary>
    /// <exception cref="LedgerUnavailableException">The ledger does not hold it; there is no code.</exception>
    public async ValueTask<string> RunAsync(AuthorizationRequest asked, Approver approver, string requestId)
    {
        var delegation = DelegationOf(asked, approver);
        await ledger.AppendAsync(
            DelegationChange.Granted(delegation, approver.Bearer, requestId, time.GetUtcNow()), CancellationToken.None);
        delegations.Add(delegation);
        var code = OpaqueToken.New();
        codes.Add(new AuthorizationCode(
            Sha256Digest.Of(code), asked.Terms.ClientId, asked.RedirectUri, asked.Challenge, delegation.Id,
            asked.Key));
        return code;
    }

    /// <exception cref="LedgerUnavailableException">The ledger does not hold it.</exception>
    public async ValueTask DenyAsync(AuthorizationRequest asked, Approver approver, string requestId) =>
        await ledger.AppendAsync(
            DelegationChange.Denied(DelegationOf(asked, approver), approver.Bearer, requestId, time.GetUtcNow()),
            CancellationToken.None);

    private static Delegation DelegationOf(AuthorizationRequest asked, Approver approver) => new(
        Delegation.NewId(), approver.Session.Identity, asked.Terms, How, approver.Session.IssuedAt, asked.Nonce);
}

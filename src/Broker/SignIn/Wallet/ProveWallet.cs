using Broker.Foundation.Results;
using Broker.Identity;
using Broker.Ledger;
using Broker.Refusals;
using Broker.Sessions;
using Broker.SignIn.Methods;

namespace Broker.SignIn.Wallet;

/// <summary>
/// From a signed message to an identity that may have a session: the challenge is taken first, so any failed attempt
/// burns it; then message and signature are checked, and the address is bound as the master wallet of its own actor.
/// </summary>
internal sealed class ProveWallet(
    WalletProof proof, IWalletBindings wallets, IdentityOptions identities, SignInMetrics metrics)
{
    /// <summary>What proved the identity, for the ledger.</summary>
    public const string How = SignInMethod.WalletSignature;

    public Result<SessionIdentity> Run(VerifyWalletSignInRequest request, Attempt attempt)
    {
        // Who signed?
        var signer = proof.Check(request);
        metrics.Count(How, signer.Refusal);
        if (signer.Refusal is { } unproven) return unproven;

        // The address becomes, or already is, the master wallet of its own actor.
        var actor = ActorOmni.OfWallet(identities.ClientId, signer.Value);
        attempt.Know(actor);
        return wallets.BindMaster(actor, signer.Value)
            ? new SessionIdentity(actor, signer.Value, IdentityType.Evm, signer.Value.ToString())
            : new Refusal(
                WalletRefusals.WalletBoundElsewhere, "the wallet is bound to another actor or as a daemon");
    }
}

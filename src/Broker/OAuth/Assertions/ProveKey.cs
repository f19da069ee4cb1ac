using Broker.Agents;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Grants;
using Broker.Identity;
using Broker.Ledger;
using Broker.OAuth.Clients;
using Broker.Refusals;
using Broker.Sessions;
using Broker.SignIn.Wallet;

namespace Broker.OAuth.Assertions;

/// <summary>
/// From a key's assertion to an identity that may have a session: with its own address as <c>sub</c> a wallet is what a
/// sign-in by wallet makes it; with an agent's omni a device is that agent, if its master has bound it and the agent's
/// path is active. An assertion is good once.
/// </summary>
internal sealed class ProveKey(
    KeyAssertions assertions, IAssertionStore used, IWalletBindings wallets, IPairingStore pairings,
    IPathPolicyStore policies, IdentityOptions identities, TimeProvider time)
{
    /// <summary>What proved the identity, for the ledger.</summary>
    public const string How = "key_assertion";

    public Result<SessionIdentity> Run(string text, Attempt attempt)
    {
        var verified = assertions.Verify(text);
        if (verified.Refusal is { } unproven) return unproven;
        var assertion = verified.Value;
        var identity = ActorOmni.TryParse(assertion.Subject, out var agent)
            ? AgentOf(agent, assertion)
            : WalletOf(assertion);
        if (identity.Refusal is { } nobody) return nobody;
        attempt.Know(identity.Value.Omni);
        if (!used.TryUse(assertion.Key.ToString(), assertion.Id, assertion.Until))
            return new Refusal(AssertionRefusals.Replayed, "the assertion was used before");
        if (identity.Value.Agent is not null) pairings.KeepBound(identity.Value.Omni, time.GetUtcNow());
        return identity;
    }

    private Result<SessionIdentity> WalletOf(KeyAssertion assertion)
    {
        if (!EthereumAddress.TryParse(assertion.Subject, out var subject) || subject != assertion.Key)
        {
            return new Refusal(AssertionRefusals.Invalid,
                "the assertion was not accepted: its sub must be its iss, or the omni of the device's agent");
        }

        var actor = ActorOmni.OfWallet(identities.ClientId, subject);
        return wallets.BindMaster(actor, subject)
            ? new SessionIdentity(actor, subject, IdentityType.Evm, subject.ToString())
            : new Refusal(WalletRefusals.WalletBoundElsewhere, "the wallet is bound to another actor or as a daemon");
    }

    private Result<SessionIdentity> AgentOf(ActorOmni agent, KeyAssertion assertion)
    {
        if (pairings.FindBound(agent) is not { Place: { } place } pairing || pairing.Device.Address != assertion.Key)
            return new Refusal(AssertionRefusals.NotAnAgent, "the key is not that of the device bound to this agent");
        return policies.Find(place.Operator, place.DerivationPath) is { IsActive: true }
            ? IssueAgentSession.IdentityOf(place, pairing.Device)
            : new Refusal(GrantRefusals.PathSuspended, "the agent's master has suspended it");
    }
}

using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using Broker.Foundation.Results;
using Broker.Grants;
using Broker.Identity;
using Broker.Ledger;
using Broker.Ledger.Writing;
using Broker.Metrics;
using Broker.Releases;

namespace Broker.Capabilities;

/// <summary>A capability that is on record.</summary>
internal sealed record IssuedCapability(SignedCapability Signed, string RecordId);

/// <summary>
/// Issues a capability: the session is the operator's or the actor's, the device proves that it asks, the gates know
/// the device and its scope; then it is recorded, and only then signed.
/// </summary>
internal sealed class IssueCapability(
    ICapabilityGates gates, CapabilityProofs proofs, IPathPolicyStore policies, MintBudget budget,
    CapabilitySigner signer, ReleaseLedger ledger, TimeProvider time, Meter meter)
{
    /// <summary>Capabilities that left.</summary>
    public Counter<long> Minted { get; } =
        meter.Counter("agentkeys_broker_capabilities_total", "Capabilities released.");

    /// <summary>Wishes of known callers that were refused.</summary>
    public Counter<long> Refused { get; } =
        meter.Counter("agentkeys_broker_capabilities_refused_total", "Capabilities refused to a known caller.");

    /// <exception cref="LedgerUnavailableException">The ledger does not hold it; nothing was signed.</exception>
    public async ValueTask<Result<IssuedCapability>> RunAsync(
        CapabilityWish wish, VerifiedCaller caller, string requestId)
    {
        var issued = await IssueAsync(wish, caller, requestId);
        (issued.IsRefused ? Refused : Minted).Add(1);
        return issued;
    }

    private async ValueTask<Result<IssuedCapability>> IssueAsync(
        CapabilityWish wish, VerifiedCaller caller, string requestId)
    {
        // 1. Who may ask for this at all?
        if (CheckCaller(wish, caller) is { } stranger) return stranger;
        if (wish.Route.IsOfMasterItself && wish.Operator != wish.Actor)
        {
            return new Refusal(
                CapabilityRefusals.CredStoreNotMasterSelf, "only the master itself stores credentials");
        }

        // 2. Does the device ask, and do the gates know it? They end by their own time-outs.
        if (proofs.Check(wish) is { } unproven) return unproven;
        var facts = await gates.LookAsync(wish.Subject, CancellationToken.None);
        if (facts.Refusal is { } unknown) return unknown;
        if (facts.Value.Judge(wish.Subject) is { } denied) return denied;

        // 3. What is good once.
        if (budget.Take(caller.Actor) is { } spent) return spent;
        if (proofs.Use(wish) is { } replayed) return replayed;

        // 4. On record, then signed.
        var now = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());
        var release = new CapabilityRelease(
            RecordId.New(now), wish, caller, facts.Value.Epoch, now,
            RandomNumberGenerator.GetHexString(32, lowercase: true), requestId, signer.Key);
        var recorded = await ledger.RecordAsync(release, CancellationToken.None);
        return new IssuedCapability(CapabilitySigner.Sign(recorded), recorded.Receipt.RecordId);
    }

    /// <summary>The operator, or its agent for itself while its path is active.</summary>
    private Refusal? CheckCaller(CapabilityWish wish, VerifiedCaller caller)
    {
        if (caller.Workload is not null || caller.Derivation is not null)
        {
            return new Refusal(
                CapabilityRefusals.OperatorMismatch, "the session is a workload's, or an exchanged one");
        }

        if (caller.Agent is not { } agent)
        {
            return caller.Actor == wish.Operator
                ? null
                : new Refusal(CapabilityRefusals.OperatorMismatch, "the session is not that of operator_omni");
        }

        if (wish.Route.IsOfOperator)
            return new Refusal(CapabilityRefusals.OperatorMismatch, "an agent does not tear down what is stored");
        if (caller.Actor != wish.Actor || agent.Parent != wish.Operator)
        {
            return new Refusal(
                CapabilityRefusals.OperatorMismatch, "an agent asks for itself, under its own master alone");
        }

        return PathPolicyCheck.RefusalOf(caller, policies);
    }
}

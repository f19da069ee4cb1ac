using System.Diagnostics.Metrics;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Grants;
using Broker.Identity;
using Broker.Ledger;
using Broker.Ledger.Writing;
using Broker.Metrics;
using Broker.Releases;

namespace Broker.Signer;

/// <summary>A signature that is on record.</summary>
/// <param name="Text"><c>0x</c> and the 65 bytes r ‖ s ‖ v in hex, v 0 or 1.</param>
internal sealed record IssuedSignature(string Text, EthereumAddress Address, string RecordId);

/// <summary>Signs a digest with the caller's own wallet: approved, on record, and only then signed.</summary>
/// <param name="policies">Whether agents may act; null where only the broker's own process knows.</param>
internal sealed class SignForActor(
    MintBudget budget, IPathPolicyStore? policies, ReleaseLedger ledger, TimeProvider time, Meter meter)
{
    /// <summary>Signatures that left.</summary>
    public Counter<long> Signed { get; } =
        meter.Counter("agentkeys_broker_wallet_signatures_total", "Signatures by derived wallets.");

    /// <exception cref="LedgerUnavailableException">The ledger does not hold it; nothing was signed.</exception>
    public async ValueTask<Result<IssuedSignature>> RunAsync(
        VerifiedCaller caller, MasterSecret master, string form, byte[] digest, string requestId)
    {
        if (RefusalOf(caller) is { } mayNot) return mayNot;
        if (budget.Take(caller.Actor) is { } spent) return spent;

        using var key = master.KeyOf(caller.Actor);
        var now = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());
        var release = new SignatureRelease(
            RecordId.New(now), now, caller, key.PublicKey.Address, form, digest, requestId);
        var recorded = await ledger.RecordAsync(release, CancellationToken.None);
        var signature = key.SignRecoverable(recorded.Redeem().Digest);
        Signed.Add(1);
        return new IssuedSignature(
            $"0x{Convert.ToHexStringLower(signature)}", release.Address, recorded.Receipt.RecordId);
    }
    private Refusal? RefusalOf(VerifiedCaller caller)
    {
        if (policies is not null) return PathPolicyCheck.RefusalOf(caller, policies);
        return caller.Agent is null
            ? null
            : new Refusal(SignerRefusals.NotForAgents, "the session is an agent's, which its master may have suspended");
    }
}

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
internal sealed class SignForActor(
    MintBudget budget, IPathPolicyStore policies, ReleaseLedger ledger, TimeProvider time,
    Meter meter)
{
    /// <summary>Signatures that left.</summary>
    public Counter<long> Signed { get; } =
        meter.Counter("agentkeys_broker_wallet_signatures_total", "Signatures by derived wallets.");

    /// <exception cref="LedgerUnavailableException">The ledger does not hold it; nothing was signed.</exception>
    public async ValueTask<Result<IssuedSignature>> RunAsync(
        VerifiedCaller caller, MasterSecret master, string form, byte[] digest, string requestId)
    {
        if (PathPolicyCheck.RefusalOf(caller, policies) is { } suspended) return suspended;
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
}

using Broker.Attestation.Dstack;
using Broker.Kms.Configuration;
using Broker.Ledger;

namespace Broker.Kms.Authorization;

/// <summary>Whether a machine runs the OS image that its vm_config claims.</summary>
internal sealed class OsImageCheck(KmsOptions options)
{
    public Task<Refusal?> RefusalAsync(VerifiedAttestation evidence, string vmConfig, CancellationToken stop) =>
        Task.FromResult(options.ImageVerify && !stop.IsCancellationRequested && evidence.Evidence.Config != vmConfig
            ? new Refusal("Failed to verify os image hash: no verifier", LedgerOutcome.Denied)
            : null);
}

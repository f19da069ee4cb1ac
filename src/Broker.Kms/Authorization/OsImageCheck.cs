using Broker.Attestation.Evidence;
using Broker.Attestation.OsImage;
using Broker.Attestation.VirtualMachine;
using Broker.Foundation.Results;
using Broker.Kms.Configuration;
using Microsoft.Extensions.Logging;

namespace Broker.Kms.Authorization;

/// <summary>
/// Whether a machine runs the OS image that its vm_config claims. Until then the image's hash is a claim, and the
/// authority's decision rests on it, so nothing is released without this check unless the operator turned it off.
/// </summary>
internal sealed partial class OsImageCheck(KmsOptions options, OsImageVerifier verifier, ILogger<OsImageCheck> log)
{
    /// <summary>Null when the image is the claimed one.</summary>
    public async Task<Refusal?> RefusalAsync(VerifiedTdxAttestation evidence, VmConfig config, CancellationToken stop)
    {
        if (!options.ImageVerify)
        {
            LogUnchecked();
            return null;
        }

        var verdict = await verifier.VerifyAsync(evidence, config, stop);

        // The reference puts the words twice, and operators search their logs for them.
        return verdict.Refusal is { } reason
            ? new Refusal(
                AuthorizationRefusals.ImageUnverified,
                $"Failed to verify os image hash: Failed to verify os image hash: {reason}")
            : null;
    }

    [LoggerMessage(LogLevel.Information, "The OS image is not verified: BROKER_KMS_IMAGE_VERIFY is false")]
    private partial void LogUnchecked();
}

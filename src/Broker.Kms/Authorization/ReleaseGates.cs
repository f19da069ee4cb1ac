using Broker.Attestation.Apps;
using Broker.Attestation.Evidence;
using Broker.Foundation.Results;
using Broker.Kms.Configuration;

namespace Broker.Kms.Authorization;

/// <summary>Kinds of machine that get keys only where the operator says so.</summary>
internal static class ReleaseGates
{
    /// <summary>Null when this kind of machine may have keys here.</summary>
    public static Refusal? Check(KmsOptions options, BootInfo boot)
    {
        if (boot.TeeVariant == TeePlatform.AmdSevSnp.Variant() && !options.SevSnpKeyRelease)
            return new Refusal(AuthorizationRefusals.PlatformClosed, "amd sev-snp key release is not enabled");
        if (boot.TeeVariant == TeePlatform.AwsNitroTpm.Variant() && !options.AwsNitroTpmKeyRelease)
            return new Refusal(AuthorizationRefusals.PlatformClosed, "aws nitro-tpm key release is not enabled");
        return null;
    }
}

namespace Broker.Attestation.SevSnp.Launch;

/// <summary>QEMU's processor models that can run SEV-SNP guests.</summary>
internal static class ProcessorModels
{
    /// <summary>What CPUID gives for family, model and stepping; null for an unknown model.</summary>
    public static uint? SignatureOf(string? model) => model?.ToUpperInvariant() switch
    {
        "EPYC" or "EPYC-V1" or "EPYC-V2" or "EPYC-V3" or "EPYC-V4" or "EPYC-IBPB" => 0x800f12,
        "EPYC-ROME" or "EPYC-ROME-V1" or "EPYC-ROME-V2" or "EPYC-ROME-V3" => 0x830f10,
        "EPYC-MILAN" or "EPYC-MILAN-V1" or "EPYC-MILAN-V2" => 0xa00f11,
        "EPYC-GENOA" or "EPYC-GENOA-V1" => 0xa10f10,
        "EPYC-TURIN" or "EPYC-TURIN-V1" => 0xb00f00,
        _ => null,
    };
}

using Broker.Attestation.SevSnp.Reports;

namespace Broker.Attestation.SevSnp.Verification;

/// <summary>
/// What no attested guest may be, and no platform under it, whatever it runs: open to its host, or set up otherwise
/// than the guest demands.
/// </summary>
internal static class GuestRules
{
    private const ulong UndefinedPolicy = ~((1UL << 26) - 1);

    /// <summary>Null when nothing speaks against guest and platform.</summary>
    public static SnpRefusal? Refuse(SnpReport report, SnpPolicy accepted)
    {
        var policy = report.Policy;
        if (policy.HasFlag(GuestPolicy.DebugAllowed))
            return Refused(SnpRefusalReason.PolicyDebug, "amd sev-snp guest policy allows debug");
        if (policy.HasFlag(GuestPolicy.MigrationAgentAllowed) && !accepted.AllowMigrationAgent)
            return Refused(SnpRefusalReason.PolicyMigration, "amd sev-snp guest policy allows migration agent");
        if (!policy.HasFlag(GuestPolicy.MustBeOne) || ((ulong)policy & UndefinedPolicy) != 0)
            return Refused(SnpRefusalReason.PolicyReserved, "reserved bits of the guest policy");
        if (report.Vmpl > accepted.MaxVmpl)
            return Refused(SnpRefusalReason.Vmpl, $"amd sev-snp report must be generated at vmpl{accepted.MaxVmpl}");
        return RefusePlatform(policy, report.PlatformInfo);
    }

    private static SnpRefusal? RefusePlatform(GuestPolicy policy, PlatformInfo platform)
    {
        if (platform.HasFlag(PlatformInfo.SmtOn) && !policy.HasFlag(GuestPolicy.SmtAllowed))
            return Refused(SnpRefusalReason.PlatformSmt, "SMT is on, and the guest forbids it");
        if (policy.HasFlag(GuestPolicy.RaplOffDemanded) && !platform.HasFlag(PlatformInfo.RaplOff))
            return Refused(SnpRefusalReason.PlatformRapl, "RAPL is on, and the guest forbids it");
        return policy.HasFlag(GuestPolicy.CiphertextHidingDemanded)
            && !platform.HasFlag(PlatformInfo.CiphertextHiding)
            ? Refused(SnpRefusalReason.PlatformCiphertextHiding, "the guest demands ciphertext hiding")
            : null;
    }

    private static SnpRefusal Refused(SnpRefusalReason reason, string detail) => new(reason, detail);
}

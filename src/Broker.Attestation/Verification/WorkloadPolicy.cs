using Broker.Attestation.Quotes;

namespace Broker.Attestation.Verification;

/// <summary>
/// What no attested workload may be, whatever its measurements: open to its host. Intel's library leaves this to its
/// callers; here there is no way around it.
/// </summary>
internal static class WorkloadPolicy
{
    private const TdAttributes TdUnderDebugGroup = (TdAttributes)0xff;

    private const TdAttributes Allowed =
        TdAttributes.SeptVeDisable | TdAttributes.Pks | TdAttributes.KeyLocker | TdAttributes.PerfMon;

    /// <summary>Null when nothing speaks against the workload.</summary>
    public static QuoteRefusal? Refuse(QuoteBody body) => body switch
    {
        TdReport report => RefuseTd(report),
        EnclaveReport { IsDebug: true } => new(QuoteRefusalReason.SgxDebug, "enclave runs in debug mode"),
        _ => null,
    };

    private static QuoteRefusal? RefuseTd(TdReport report)
    {
        var attributes = report.TdAttributes;
        if (attributes.HasFlag(TdAttributes.Debug)) return new(QuoteRefusalReason.TdDebug, "TD runs in debug mode");
        if ((attributes & TdUnderDebugGroup) != 0)
        {
            return new(
                QuoteRefusalReason.TdAttributes, $"TD under debug: bits 0x{(ulong)(attributes & TdUnderDebugGroup):x}");
        }

        if ((attributes & ~Allowed) != 0)
        {
            return new(
                QuoteRefusalReason.TdAttributes, $"TD attributes not allowed: 0x{(ulong)(attributes & ~Allowed):x}");
        }

        if (!attributes.HasFlag(TdAttributes.SeptVeDisable))
        {
            return new(QuoteRefusalReason.TdAttributes, "SEPT_VE_DISABLE is clear");
        }

        return report.MrServiceTd is { } services && services.Span.ContainsAnyExcept((byte)0)
            ? new(QuoteRefusalReason.TdServiceTd, "a service TD is bound to the TD")
            : null;
    }
}

using Broker.Attestation.SevSnp.Reports;

namespace Broker.Attestation.SevSnp.Collateral;

/// <summary>
/// Which VCEK a report needs: two reports with equal keys are judged with the same certificate. All levels are part of
/// it, since the chip derives another key for each.
/// </summary>
/// <param name="HardwareId">128 lower-case hex digits, on Turin 16.</param>
public sealed record VcekKey(ProcessorFamily Family, string HardwareId, TcbLevels Tcb)
{
    private const int TurinIdLength = 8;

    /// <summary>
    /// Takes the key from a report whose form is valid. Null when no VCEK can be asked for: version 2 names no family,
    /// a VLEK is not for one chip, and a masked chip has no id.
    /// </summary>
    public static VcekKey? Of(SnpReport report)
    {
        if (report.SigningKey != SnpSigningKey.Vcek || report.Cpuid is not { } cpuid
            || ProcessorFamilies.FromCpuid(cpuid.Family, cpuid.Model) is not { } family
            || TcbLevels.Read(SnpReportLayout.ReportedTcb.In(report.Encoded).Span, family) is not { } levels)
        {
            return null;
        }

        var chip = report.ChipId.Span;
        var id = family == ProcessorFamily.Turin ? chip[..TurinIdLength] : chip;
        return id.ContainsAnyExcept((byte)0) && !chip[id.Length..].ContainsAnyExcept((byte)0)
            ? new VcekKey(family, Convert.ToHexStringLower(id), levels)
            : null;
    }

    /// <summary>The path below AMD's key service; levels in decimal.</summary>
    internal string Path => Family == ProcessorFamily.Turin
        ? $"Turin/{HardwareId}?fmcSPL={Tcb.Fmc}&blSPL={Tcb.BootLoader}&teeSPL={Tcb.Tee}&snpSPL={Tcb.Snp}"
            + $"&ucodeSPL={Tcb.Microcode}"
        : $"{Family}/{HardwareId}?blSPL={Tcb.BootLoader}&teeSPL={Tcb.Tee}&snpSPL={Tcb.Snp}"
            + $"&ucodeSPL={Tcb.Microcode}";
}

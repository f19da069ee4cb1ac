using Broker.Attestation.Evidence;
using Broker.Attestation.SevSnp.Dstack;
using Broker.Attestation.SevSnp.Reports;
using Broker.Attestation.SevSnp.Verification;

namespace Broker.Cli.Attestation;

/// <summary>
/// Everything that is shown of an SEV-SNP report, proven or not; only <see cref="Verified"/> tells the two apart.
/// </summary>
/// <param name="Form">What the file was, for people.</param>
/// <param name="Report">Null when the bytes are not a report.</param>
/// <param name="Launch">What the envelope's vm_config proves; null without one.</param>
internal sealed record ShownReport(
    string Form, SnpReport? Report, VerifiedReport? Verified, SnpRefusal? Refusal, DstackLaunch? Launch)
{
    public static ShownReport Of(SnpVerdict verdict) => verdict switch
    {
        VerifiedReport verified => new("attestation report", verified.Report, verified, null, null),
        RefusedReport refused => new("attestation report", refused.Report, null, refused.Refusal, null),
        _ => throw new InvalidOperationException($"a verdict of type {verdict.GetType()}"),
    };

    /// <summary>
    /// An envelope's. One whose vm_config does not belong to its report is refused: nobody would release keys to it.
    /// </summary>
    public static ShownReport Of(EvidenceFile file, SnpAttestation evidence, AttestationVerdict verdict)
    {
        if (verdict is not VerifiedSnpAttestation { Report: var verified })
        {
            var refused = ((RefusedAttestation)verdict).Refusal;
            var reason = Enum.GetValues<SnpRefusalReason>().Select(one => new SnpRefusal(one, refused.Message))
                .FirstOrDefault(one => one.Code == refused.Code);
            return new ShownReport(
                file.Form, SnpReportReader.Read(evidence.Report, allowVlek: true).Value, null, reason, null);
        }

        if (evidence.Config.Length == 0) return new ShownReport(file.Form, verified.Report, verified, null, null);
        var launch = DstackLaunch.Bind(evidence.Config, verified.Report.Measurement, verified.Report.HostData);
        return launch.Succeeded
            ? new ShownReport(file.Form, verified.Report, verified, null, launch.Value)
            : new ShownReport(file.Form, verified.Report, null, launch.Refusal, null);
    }
}

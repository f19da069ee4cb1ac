using System.Globalization;
using System.Text;
using Broker.Attestation.SevSnp.Reports;
using Broker.Attestation.SevSnp.Verification;
using Broker.Cryptography;

namespace Broker.Cli.Attestation;

/// <summary>An SEV-SNP report for people, one fact a line.</summary>
internal static class ReportText
{
    public static string Write(ShownReport shown)
    {
        var text = new StringBuilder();
        if (shown.Verified is { } verified)
        {
            Line(text, "verdict", $"verified, {verified.TcbStatus}");
            Line(text, "holds", $"{verified.ValidFrom:u} to {verified.ValidUntil:u}");
            Line(text, "revocation", verified.HasRevocationList ? "checked" : "not checked: no list was given");
            Line(text, "processor", verified.Family.ToString());
            if (verified.CloudProvider is { } provider) Line(text, "provider", EvidenceText.Printable(provider));
            WriteLevels(text, verified);
        }
        else
        {
            Line(text, "verdict", $"refused, {shown.Refusal?.Code}");
            Line(text, "detail", EvidenceText.Printable(shown.Refusal?.Detail ?? ""));
            if (shown.Report is not null) Line(text, "", "the evidence says of itself, unproven:");
        }

        if (shown.Report is { } report) WriteReport(text, shown.Form, report);
        WriteLaunch(text, shown);
        return text.ToString().TrimEnd();
    }

    private static void WriteLevels(StringBuilder text, VerifiedReport verified)
    {
        Line(text, "reported tcb", verified.ReportedTcb.ToString());
        if (verified.CommittedTcb != verified.ReportedTcb)
            Line(text, "committed tcb", verified.CommittedTcb.ToString());
        if (verified.CurrentTcb != verified.ReportedTcb) Line(text, "current tcb", verified.CurrentTcb.ToString());
        if (verified.LaunchTcb != verified.ReportedTcb) Line(text, "launch tcb", verified.LaunchTcb.ToString());
    }

    private static void WriteReport(StringBuilder text, string form, SnpReport report)
    {
        Line(text, "evidence", $"{form}, version {report.Version}, {report.SigningKey.ToString().ToUpperInvariant()}");
        Line(text, "policy", $"0x{(ulong)report.Policy:x} ({report.Policy})");
        Line(text, "platform", $"0x{(ulong)report.PlatformInfo:x} ({report.PlatformInfo})");
        Line(text, "vmpl", report.Vmpl.ToString(CultureInfo.InvariantCulture));
        Line(text, "measurement", Hex.Of(report.Measurement));
        Line(text, "host data", Hex.Of(report.HostData));
        Line(text, "report data", Hex.Of(report.ReportData));
        Line(text, "chip id", Hex.Of(report.ChipId));
    }

    private static void WriteLaunch(StringBuilder text, ShownReport shown)
    {
        if (shown.Launch is not { } launch) return;
        Line(text, "app id", Hex.Of(launch.App.AppId));
        Line(text, "compose hash", Hex.Of(launch.App.ComposeHash));
        Line(text, "instance id", Hex.Of(launch.App.InstanceId));
        Line(text, "key provider", Encoding.ASCII.GetString(launch.App.KeyProviderInfo()));
        Line(text, "os image", $"{Hex.Of(launch.OsImageHash)} (proven)");
    }

    private static void Line(StringBuilder text, string label, string value)
        => text.Append(CultureInfo.InvariantCulture, $"{label,-14} {value}").Append('\n');
}

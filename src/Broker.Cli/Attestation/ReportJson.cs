using System.Text.Json.Nodes;
using Broker.Attestation.SevSnp.Reports;
using Broker.Cryptography;

namespace Broker.Cli.Attestation;

/// <summary>
/// An SEV-SNP report for programs:
/// <c>{"status","advisory_ids":[],"tee":"sev-snp","product","version","signing_key","tcb":{…},"policy","vmpl",
/// "measurement","host_data","report_data","chip_id","revocation_checked","reason","detail","app":{…}}</c>.
/// A verified report has a status and no reason; a refused one has a reason and no status, and all the rest is then
/// unproven. What is not there is null.
/// </summary>
internal static class ReportJson
{
    public static string Write(ShownReport shown)
    {
        var verified = shown.Verified;
        var report = shown.Report;
        return new JsonObject
        {
            ["status"] = verified?.TcbStatus,
            ["advisory_ids"] = new JsonArray(),
            ["tee"] = "sev-snp",
            ["product"] = verified?.Family.ToString(),
            ["version"] = report?.Version,
            ["signing_key"] = report?.SigningKey.ToString().ToUpperInvariant(),
            ["tcb"] = verified is null
                ? null
                : new JsonObject
                {
                    ["reported"] = Levels(verified.ReportedTcb),
                    ["committed"] = Levels(verified.CommittedTcb),
                    ["current"] = Levels(verified.CurrentTcb),
                    ["launch"] = Levels(verified.LaunchTcb),
                },
            ["policy"] = report is null ? null : $"0x{(ulong)report.Policy:x}",
            ["vmpl"] = report?.Vmpl,
            ["measurement"] = report is null ? null : Hex.Of(report.Measurement),
            ["host_data"] = report is null ? null : Hex.Of(report.HostData),
            ["report_data"] = report is null ? null : Hex.Of(report.ReportData),
            ["chip_id"] = report is null ? null : Hex.Of(report.ChipId),
            ["revocation_checked"] = verified?.HasRevocationList,
            ["reason"] = shown.Refusal?.Code,
            ["detail"] = shown.Refusal?.Detail,
            ["app"] = shown.Launch is { } launch
                ? new JsonObject
                {
                    ["app_id"] = Hex.Of(launch.App.AppId),
                    ["compose_hash"] = Hex.Of(launch.App.ComposeHash),
                    ["instance_id"] = Hex.Of(launch.App.InstanceId),
                    ["os_image_hash"] = Hex.Of(launch.OsImageHash),
                    ["key_provider"] = System.Text.Encoding.ASCII.GetString(launch.App.KeyProviderInfo()),
                }
                : null,
        }.ToJsonString();
    }

    private static JsonObject Levels(TcbLevels levels) => new()
    {
        ["fmc"] = levels.Fmc,
        ["bootloader"] = levels.BootLoader,
        ["tee"] = levels.Tee,
        ["snp"] = levels.Snp,
        ["microcode"] = levels.Microcode,
    };
}

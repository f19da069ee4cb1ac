using System.Text;
using System.Text.Json.Nodes;
using Broker.Attestation.Apps;
using Broker.Attestation.EventLog;
using Broker.Attestation.Evidence;
using Broker.Cli.Quotes;
using Broker.Cryptography;

namespace Broker.Cli.Attestation;

/// <summary>
/// Evidence for programs: the members of <see cref="VerdictJson"/>, then <c>replay</c> (four of true, false or null),
/// <c>app</c> (identities in hex) and <c>events</c>. A verified attestation has a status and no reason; a refused one
/// has a reason and no status, and all the rest is then unproven.
/// </summary>
internal static class EvidenceJson
{
    public static string Write(ShownEvidence shown)
    {
        var verified = shown.Verdict as VerifiedTdxAttestation;
        var refusal = (shown.Verdict as RefusedAttestation)?.Refusal;
        var report = shown.Quote?.TdReport;
        return new JsonObject
        {
            ["status"] = verified?.Quote.Status.ToString(),
            ["advisory_ids"] = Array((verified?.Quote.AdvisoryIds ?? []).Select(id => JsonValue.Create(id))),
            ["tee"] = shown.Quote?.Header.TeeType.ToString().ToLowerInvariant(),
            ["fmspc"] = verified is null ? null : Hex.Of(verified.Quote.Platform.Fmspc),
            ["td_attributes"] = report is null ? null : VerdictJson.Attributes(report),
            ["mr_td"] = report is null ? null : Hex.Of(report.MrTd),
            ["rtmr"] = report is null
                ? null
                : new JsonArray([.. shown.Registers.Select(register => JsonValue.Create(Hex.Of(register.Quoted)))]),
            ["report_data"] = shown.Quote is null ? null : Hex.Of(shown.Quote.Body.ReportData),
            ["reason"] = refusal?.Code,
            ["detail"] = refusal?.Message,
            ["replay"] = Array(shown.Registers.Select(register => Flag(register.Agrees))),
            ["app"] = shown.App is { } app ? App(app, verified) : null,
            ["events"] = shown.File is { Attestation: TdxAttestation attestation }
                ? Events(attestation)
                : new JsonArray(),
        }.ToJsonString();
    }

    private static JsonObject App(ShownApp app, VerifiedTdxAttestation? verified) => new()
    {
        ["app_id"] = Hex.Of(app.AppId),
        ["compose_hash"] = Hex.Of(app.ComposeHash),
        ["instance_id"] = Hex.Of(app.InstanceId),
        ["device_id"] = verified is null
            ? null
            : DeviceId.Of(verified.Quote.Platform).ToString(),
        ["os_image_hash"] = Hex.Of(app.OsImageHash),
        ["key_provider"] = Encoding.UTF8.GetString(app.KeyProvider.Span),
        ["mr_system"] = Hex.Of(app.MrSystem),
        ["mr_aggregated"] = Hex.Of(app.MrAggregated),
        ["mr_system_boot_time"] = Hex.Of(app.BootTimeMrSystem),
        ["mr_aggregated_boot_time"] = Hex.Of(app.BootTimeMrAggregated),
    };

    private static JsonArray Events(TdxAttestation evidence)
    {
        var boot = evidence.EventLog.Events.Where(entry => !entry.IsRuntime)
            .Select(entry => Event(entry.Imr, entry.EventType, entry.Name, entry.Digest, entry.Payload));
        var runtime = evidence.RuntimeEvents
            .Select(entry => Event(3, RuntimeEvent.EventType, entry.Name, entry.Digest(), entry.Payload));
        return new JsonArray([.. boot.Concat(runtime)]);
    }

    private static JsonObject Event(
        uint imr, uint type, string name, ReadOnlyMemory<byte> digest, ReadOnlyMemory<byte> payload) => new()
        {
            ["imr"] = imr,
            ["event_type"] = type,
            ["event"] = name,
            ["digest"] = Hex.Of(digest),
            ["event_payload"] = Hex.Of(payload),
        };

    private static JsonArray Array(IEnumerable<JsonValue?> values) => new([.. values]);

    private static JsonValue? Flag(bool? value) => value is { } known ? JsonValue.Create(known) : null;
}

using System.Text;
using Broker.Attestation.Apps;
using Broker.Attestation.EventLog;
using Broker.Attestation.Evidence;
using Broker.Cli.Attestation;
using Broker.Cli.Quotes;
using Broker.Cryptography;

namespace Broker.Cli.Issuer;

/// <summary>
/// What verified evidence measured, under the names of <c>attestation verify --json</c>. What a machine merely says of
/// itself, such as <c>os_image_hash</c>, is not among them.
/// </summary>
internal sealed class MeasuredValues
{
    /// <summary>Every name, in the order in which they are shown.</summary>
    public static readonly IReadOnlyList<string> Names =
    [
        "mr_aggregated", "mr_system", "mr_aggregated_boot_time", "mr_system_boot_time", "compose_hash", "app_id",
        "instance_id", "device_id", "key_provider", "mr_td", "rtmr0", "rtmr1", "rtmr2", "rtmr3", "td_attributes",
        "fmspc", "tcb_status",
    ];

    private readonly Dictionary<string, string> _values;

    private MeasuredValues(Dictionary<string, string> values) => _values = values;

    /// <summary>In the order of <see cref="Names"/>; hex in lower case.</summary>
    public IEnumerable<(string Name, string Value)> All =>
        Names.Where(_values.ContainsKey).Select(name => (name, _values[name]));

    /// <summary>Null where this kind of machine has no such value.</summary>
    public string? Find(string name) => _values.GetValueOrDefault(name);

    public static MeasuredValues Of(VerifiedAttestation verified) => new(verified switch
    {
        VerifiedTdxAttestation tdx => OfTdx(tdx),
        _ => OfBoot(verified),
    });

    private static Dictionary<string, string> OfTdx(VerifiedTdxAttestation verified)
    {
        var report = verified.Report;
        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["mr_td"] = Hex.Of(report.MrTd),
            ["rtmr0"] = Hex.Of(report.RtMr0),
            ["rtmr1"] = Hex.Of(report.RtMr1),
            ["rtmr2"] = Hex.Of(report.RtMr2),
            ["rtmr3"] = Hex.Of(report.RtMr3),
            ["td_attributes"] = VerdictJson.Attributes(report),
            ["fmspc"] = Hex.Of(verified.Quote.Platform.Fmspc),
            ["device_id"] = DeviceId.Of(verified.Quote.Platform).ToString(),
            ["tcb_status"] = verified.Quote.Status.ToString(),
        };
        var file = new EvidenceFile("issuer evidence", verified.Evidence, null);
        if (ShownEvidence.From(file, verified).App is not { } app) return values;
        values["app_id"] = Hex.Of(app.AppId);
        values["compose_hash"] = Hex.Of(app.ComposeHash);
        values["instance_id"] = Hex.Of(app.InstanceId);
        values["key_provider"] = Encoding.UTF8.GetString(app.KeyProvider.Span);
        values["mr_system"] = Hex.Of(app.MrSystem);
        values["mr_aggregated"] = Hex.Of(app.MrAggregated);
        values["mr_system_boot_time"] = Hex.Of(app.BootTimeMrSystem);
        values["mr_aggregated_boot_time"] = Hex.Of(app.BootTimeMrAggregated);
        return values;
    }

    private static Dictionary<string, string> OfBoot(VerifiedAttestation verified)
    {
        if (verified.DecodeBootInfo("", MeasurementView.Full).Value is not { } boot)
            return new Dictionary<string, string>(StringComparer.Ordinal);
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["mr_aggregated"] = Hex.Of(boot.MrAggregated),
            ["mr_system"] = Hex.Of(boot.MrSystem),
            ["compose_hash"] = boot.ComposeHash.ToString(),
            ["app_id"] = boot.AppId.ToString(),
            ["instance_id"] = boot.InstanceId.ToString(),
            ["device_id"] = boot.DeviceId.ToString(),
            ["key_provider"] = Encoding.UTF8.GetString(boot.KeyProviderInfo.Span),
            ["tcb_status"] = boot.TcbStatus,
        };
    }
}

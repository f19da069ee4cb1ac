using System.Security.Cryptography;
using Broker.Attestation.Apps;
using Broker.Attestation.Decoding;
using Broker.Attestation.EventLog;
using Broker.Attestation.SevSnp.Dstack;
using Broker.Attestation.SevSnp.Verification;

namespace Broker.Attestation.Evidence;

/// <summary>
/// Evidence of an AMD SEV-SNP machine that held: a genuine report, bound to the envelope's report data, whose HOST_DATA
/// stands for the envelope's application document. What it was started with is proven by
/// <see cref="DecodeBootInfo"/>.
/// </summary>
public sealed record VerifiedSnpAttestation : VerifiedAttestation
{
    internal VerifiedSnpAttestation(SnpAttestation evidence, VerifiedReport report, MrConfigDocument app)
        : base(evidence)
    {
        Report = report;
        App = app;
    }

    public VerifiedReport Report { get; }

    /// <summary>The application document, as HOST_DATA proves it.</summary>
    public MrConfigDocument App { get; }

    public override DateTimeOffset ValidUntil => Report.ValidUntil;

    /// <summary>
    /// Proves image and app, or refuses: no member of the answer is a claim. Runtime events play no part, so that both
    /// views are the same.
    /// </summary>
    public override Decoded<BootInfo> DecodeBootInfo(string vmConfig, MeasurementView view)
    {
        var report = Report.Report;
        var launch = DstackLaunch.Bind(
            vmConfig.Length > 0 ? vmConfig : Evidence.Config, report.Measurement, report.HostData);
        if (!launch.Succeeded) return Decoded<BootInfo>.Refused(launch.Refusal.Detail);
        var app = launch.Value.App;
        if (!AppId.TryFrom(app.AppId.Span, out var appId))
            return Decoded<BootInfo>.Refused($"app_id must be {AppId.Length} bytes");

        return new BootInfo
        {
            TeeVariant = TeePlatform.AmdSevSnp.Variant(),
            MrAggregated = SHA256.HashData([.. report.Measurement.Span, .. report.HostData.Span]),
            OsImageHash = launch.Value.OsImageHash,
            MrSystem = SHA256.HashData(report.Measurement.Span),
            AppId = appId,
            ComposeHash = new ComposeHash(app.ComposeHash),
            InstanceId = new InstanceId(app.InstanceId),
            DeviceId = DeviceId.OfChip(report.ChipId),
            KeyProviderInfo = app.KeyProviderInfo(),
            TcbStatus = Report.TcbStatus,
            AdvisoryIds = [],
        };
    }
}

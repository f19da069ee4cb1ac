using System.Security.Cryptography;
using Broker.Attestation.Decoding;
using Broker.Attestation.EventLog;
using Broker.Attestation.Quotes;
using Broker.Attestation.Verification;

namespace Broker.Attestation.Dstack;

/// <summary>
/// Evidence that held: the registers are those of a genuine trust domain, and RTMR3's events are the ones that it
/// extended. Whether that guest may have what it asks for is somebody else's question, put with <see
/// cref="DecodeBootInfo"/>.
/// </summary>
public sealed record VerifiedAttestation : AttestationVerdict
{
    private const int AppIdLength = 20;

    internal VerifiedAttestation(VersionedAttestation evidence, VerifiedQuote quote, RuntimeEventLog events)
    {
        Evidence = evidence;
        Quote = quote;
        Events = events;
        Report = quote.Quote.TdReport ?? throw new ArgumentException("not the quote of a trust domain", nameof(quote));
    }

    public VersionedAttestation Evidence { get; }

    public VerifiedQuote Quote { get; }

    public TdReport Report { get; }

    public RuntimeEventLog Events { get; }

    /// <summary>
    /// What the webhook is asked about.
    /// </summary>
    /// <param name="vmConfig">
    /// The request's vm_config; when it is empty the attestation's own config stands in. A sys-config that wraps a
    /// vm_config is not unwrapped here, as in the reference: its <c>os_image_hash</c> comes out empty.
    /// </param>
    public Decoded<BootInfo> DecodeBootInfo(string vmConfig, MeasurementView view)
    {
        var config = VmConfig.Parse(vmConfig.Length > 0 ? vmConfig : Evidence.Config);
        if (!config.Succeeded) return config.RefusedAs<BootInfo>("Failed to decode os image hash");

        var appId = Events.Payload("app-id");
        if (appId.Length != AppIdLength) return Decoded<BootInfo>.Refused($"app_id must be {AppIdLength} bytes");

        var keyProvider = view == MeasurementView.BootTime ? default : Events.Payload("key-provider");
        return new BootInfo
        {
            TeeVariant = TeePlatform.Tdx.Variant(),
            MrAggregated = TdMeasurements.MrAggregated(Report, Events.Replay(view)),
            OsImageHash = config.Value.OsImageHash,
            MrSystem = TdMeasurements.MrSystem(Report, keyProvider.Span),
            AppId = appId,
            ComposeHash = Events.Payload("compose-hash"),
            InstanceId = Events.Payload("instance-id"),
            DeviceId = SHA256.HashData(Quote.Platform.Ppid.Span),
            KeyProviderInfo = keyProvider,
            TcbStatus = Quote.Status.ToString(),
            AdvisoryIds = Quote.AdvisoryIds,
        };
    }
}

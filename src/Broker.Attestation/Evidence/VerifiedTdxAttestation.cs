using Broker.Attestation.Apps;
using Broker.Attestation.Decoding;
using Broker.Attestation.EventLog;
using Broker.Attestation.Measurements;
using Broker.Attestation.Quotes;
using Broker.Attestation.Verification;
using Broker.Attestation.VirtualMachine;

namespace Broker.Attestation.Evidence;

/// <summary>
/// Evidence of a TDX machine that held: the registers are those of a genuine trust domain, and RTMR3's events are the
/// ones that it extended.
/// </summary>
public sealed record VerifiedTdxAttestation : VerifiedAttestation
{
    internal VerifiedTdxAttestation(TdxAttestation evidence, VerifiedQuote quote, RuntimeEventLog events)
        : base(evidence)
    {
        EventLog = evidence.EventLog;
        Quote = quote;
        Events = events;
        Report = quote.Quote.TdReport ?? throw new ArgumentException("not the quote of a trust domain", nameof(quote));
    }

    public TdxEventLog EventLog { get; }

    public VerifiedQuote Quote { get; }

    public TdReport Report { get; }

    public RuntimeEventLog Events { get; }

    public override DateTimeOffset ValidUntil => Quote.ValidUntil;

    /// <summary>
    /// The shape of the machine as it is claimed. Read it once, and hand it to all that ask about the same request.
    /// </summary>
    /// <param name="requested">
    /// The request's vm_config; when it is empty the attestation's own config stands in. A sys-config that wraps a
    /// vm_config is not unwrapped here, as in the reference: its <c>os_image_hash</c> comes out empty.
    /// </param>
    public Decoded<VmConfig> ReadVmConfig(string requested)
    {
        var config = VmConfig.Parse(requested.Length > 0 ? requested : Evidence.Config);
        return config.Succeeded ? config : config.RefusedAs<VmConfig>("Failed to decode os image hash");
    }

    /// <summary>What the webhook is asked about, for one who needs nothing else of the vm_config.</summary>
    /// <param name="vmConfig">As for <see cref="ReadVmConfig"/>.</param>
    public override Decoded<BootInfo> DecodeBootInfo(string vmConfig, MeasurementView view)
    {
        var config = ReadVmConfig(vmConfig);
        return config.Succeeded ? DecodeBootInfo(config.Value, view) : config.RefusedAs<BootInfo>();
    }

    /// <summary>What the webhook is asked about.</summary>
    public Decoded<BootInfo> DecodeBootInfo(VmConfig config, MeasurementView view)
    {
        if (!AppId.TryFrom(Events.Payload("app-id").Span, out var appId))
        {
            return Decoded<BootInfo>.Refused($"app_id must be {AppId.Length} bytes");
        }

        var keyProvider = view == MeasurementView.BootTime ? default : Events.Payload("key-provider");
        return new BootInfo
        {
            TeeVariant = TeePlatform.Tdx.Variant(),
            MrAggregated = TdMeasurements.MrAggregated(Report, Events.Replay(view)),
            OsImageHash = config.OsImageHash,
            MrSystem = TdMeasurements.MrSystem(Report, keyProvider.Span),
            AppId = appId,
            ComposeHash = new ComposeHash(Events.Payload("compose-hash")),
            InstanceId = new InstanceId(Events.Payload("instance-id")),
            DeviceId = DeviceId.Of(Quote.Platform),
            KeyProviderInfo = keyProvider,
            TcbStatus = Quote.Status.ToString(),
            AdvisoryIds = Quote.AdvisoryIds,
        };
    }
}

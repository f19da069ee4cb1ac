using Broker.Attestation.EventLog;
using Broker.Attestation.Evidence;
using Broker.Attestation.Measurements;
using Broker.Attestation.Quotes;
using Broker.Attestation.VirtualMachine;

namespace Broker.Cli.Attestation;

/// <summary>A register as quoted and, where the log allows, as its events make it.</summary>
/// <param name="Replayed">Null when events of the register are missing or carry no digest.</param>
internal sealed record ShownRegister(string Name, ReadOnlyMemory<byte> Quoted, byte[]? Replayed, int Events)
{
    public bool? Agrees => Replayed is null ? null : Quoted.Span.SequenceEqual(Replayed);
}

/// <summary>The identities that dstack reads out of evidence.</summary>
internal sealed record ShownApp(
    ReadOnlyMemory<byte> AppId,
    ReadOnlyMemory<byte> ComposeHash,
    ReadOnlyMemory<byte> InstanceId,
    ReadOnlyMemory<byte> KeyProvider,
    ReadOnlyMemory<byte> OsImageHash,
    byte[] MrSystem,
    byte[] MrAggregated,
    byte[] BootTimeMrSystem,
    byte[] BootTimeMrAggregated);

/// <summary>
/// Everything that is shown of evidence, proven or not; only <see cref="Verdict"/> tells the two apart.
/// </summary>
internal sealed record ShownEvidence(
    AttestationVerdict Verdict,
    EvidenceFile? File,
    Quote? Quote,
    IReadOnlyList<ShownRegister> Registers,
    ShownApp? App)
{
    public static ShownEvidence From(EvidenceFile? file, AttestationVerdict verdict)
    {
        var evidence = file?.Attestation as TdxAttestation;
        var quote = evidence?.Quote.Parsed.Quote;
        return quote?.TdReport is { } report
            ? new ShownEvidence(verdict, file, quote, RegistersOf(report, evidence!), AppOf(report, evidence!))
            : new ShownEvidence(verdict, file, quote, [], null);
    }

    private static ShownRegister[] RegistersOf(TdReport report, TdxAttestation evidence)
    {
        ReadOnlyMemory<byte>[] quoted = [report.RtMr0, report.RtMr1, report.RtMr2];
        var log = evidence.EventLog;
        // A log that went through a certificate keeps three events of RTMR0 and none of the next two.
        var isStripped = !log.Events.Any(entry => entry.Imr is 1 or 2);
        var boot = quoted.Select((value, imr) => new ShownRegister(
            $"rtmr{imr}",
            value,
            isStripped ? null : log.Replay((uint)imr),
            log.Events.Count(entry => entry.Imr == imr)));

        // RTMR3 is always replayed from the list that verification replays.
        return
        [
            .. boot,
            new ShownRegister(
                "rtmr3",
                report.RtMr3,
                RtmrReplay.Replay(evidence.RuntimeEvents.Select(entry => entry.Digest())),
                evidence.RuntimeEvents.Count),
        ];
    }

    private static ShownApp? AppOf(TdReport report, TdxAttestation evidence)
    {
        // Names that could be read in two ways name nothing.
        if (RuntimeEventLog.From(evidence.RuntimeEvents).Value is not { } events) return null;
        var keyProvider = events.Payload("key-provider");
        return new ShownApp(
            events.Payload("app-id"),
            events.Payload("compose-hash"),
            events.Payload("instance-id"),
            keyProvider,
            VmConfig.Parse(evidence.Config, unwrapSysConfig: true).Value?.OsImageHash ?? default,
            TdMeasurements.MrSystem(report, keyProvider.Span),
            TdMeasurements.MrAggregated(report, events.Replay()),
            TdMeasurements.MrSystem(report, []),
            TdMeasurements.MrAggregated(report, events.Replay(MeasurementView.BootTime)));
    }
}

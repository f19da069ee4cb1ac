using System.Security.Cryptography;
using System.Text;
using Broker.Attestation.Decoding;
using Broker.Attestation.EventLog;
using Broker.Attestation.Evidence;
using Broker.Attestation.Quotes;

namespace Broker.Attestation.Simulation;

/// <summary>
/// A dstack guest on a simulated machine: a TD with its event log and what its host told it. Made from events, its
/// registers are their replay, so that what it attests holds together as it does in a real guest; made like another
/// guest, they are that guest's.
/// </summary>
public sealed class SimulatedGuest
{
    private readonly SimulatedMachine _machine;
    private readonly QuoteBodyType _type;

    private SimulatedGuest(
        SimulatedMachine machine, QuoteBodyType type, SimulatedTd td, TdxEventLog events, string vmConfig)
    {
        _machine = machine;
        _type = type;
        Td = td;
        Events = events;
        VmConfig = vmConfig;
    }

    /// <summary>JSON text that the host gave the guest; may be empty.</summary>
    public string VmConfig { get; }

    public TdxEventLog Events { get; }

    /// <summary>Registers as they stand in every quote.</summary>
    public SimulatedTd Td { get; }

    /// <summary>A guest whose RTMRs are the replay of its event log.</summary>
    /// <param name="type">Which TD report the module gives: 1.0 makes version 4 quotes, 1.5 version 5.</param>
    /// <param name="td">MRTD and the rest; its RTMRs are not looked at.</param>
    /// <param name="events">All registers; every boot event with its digest.</param>
    /// <exception cref="ArgumentException">A boot event has no digest of 48 bytes.</exception>
    public static SimulatedGuest FromEvents(
        SimulatedMachine machine, QuoteBodyType type, SimulatedTd td, TdxEventLog events, string vmConfig)
        => new(
            machine, type,
            td with
            {
                RtMr0 = Replay(events, 0),
                RtMr1 = Replay(events, 1),
                RtMr2 = Replay(events, 2),
                RtMr3 = Replay(events, 3),
            },
            events, vmConfig);

    /// <summary>
    /// A guest that measures as the given one does: its registers, its log, its vm_config, and TD attributes of one's
    /// own choice. For judging OS images, whose registers cannot be made up.
    /// </summary>
    /// <param name="vmConfig">Null for what the other guest attested.</param>
    public static Decoded<SimulatedGuest> Like(
        SimulatedMachine machine, TdxAttestation other, QuoteBodyType type, TdAttributes attributes,
        string? vmConfig = null)
    {
        var parsed = other.Quote.Parsed;
        if (!parsed.Succeeded) return Decoded<SimulatedGuest>.Refused(parsed.Refusal.ToString());
        if (parsed.Quote.TdReport is not { } report) return Decoded<SimulatedGuest>.Refused("not the quote of a TD");
        var td = new SimulatedTd
        {
            MrTd = report.MrTd,
            MrConfigId = report.MrConfigId,
            MrOwner = report.MrOwner,
            MrOwnerConfig = report.MrOwnerConfig,
            RtMr0 = report.RtMr0,
            RtMr1 = report.RtMr1,
            RtMr2 = report.RtMr2,
            RtMr3 = report.RtMr3,
            Attributes = attributes,
        };
        return new SimulatedGuest(machine, type, td, other.EventLog, vmConfig ?? other.Config);
    }

    /// <summary>A genuine quote structure over the report data, 64 bytes.</summary>
    public byte[] Quote(ReadOnlyMemory<byte> reportData) => _machine.Quote(Td.Report(reportData, _type));

    /// <summary>The guest agent's answer to <c>Attest</c>.</summary>
    public TdxAttestation Attest(ReadOnlyMemory<byte> reportData)
        => new(new EncodedQuote(Quote(reportData)), Events, Events.RuntimeEvents(), reportData, VmConfig);

    /// <summary>
    /// The log of an ordinary boot: firmware, kernel and command line by made-up digests, then dstack's runtime
    /// events in the order of a real guest.
    /// </summary>
    /// <param name="composeHash">32 bytes.</param>
    /// <param name="keyProvider">
    /// JSON such as <c>{"name":"kms","id":"…"}</c>; empty for a guest that has none yet.
    /// </param>
    public static TdxEventLog OrdinaryBoot(
        ReadOnlyMemory<byte> appId, ReadOnlyMemory<byte> composeHash, ReadOnlyMemory<byte> instanceId,
        string keyProvider)
    {
        List<TdxEvent> log =
        [
            Boot(0, "td-hob"), Boot(0, "firmware-volume"), Boot(0, "acpi-tables"),
            Boot(1, "kernel"), Boot(1, "exit-boot-services"),
            Boot(2, "command-line"), Boot(2, "initrd"),
            Runtime("system-preparing", default), Runtime("app-id", appId), Runtime("compose-hash", composeHash),
            Runtime("instance-id", instanceId), Runtime("boot-mr-done", default),
        ];
        if (keyProvider.Length > 0) log.Add(Runtime("key-provider", Encoding.UTF8.GetBytes(keyProvider)));
        log.Add(Runtime("storage-fs", "ext4"u8.ToArray()));
        log.Add(Runtime("system-ready", default));
        return new TdxEventLog(log);
    }

    private static TdxEvent Boot(uint imr, string name)
        => new(imr, 1, SHA384.HashData(Encoding.UTF8.GetBytes($"simulated {name}")), name, default);

    private static TdxEvent Runtime(string name, ReadOnlyMemory<byte> payload)
    {
        var digest = RuntimeEventDigest.Compute(name, payload.Span, EventDigestVersion.V1);
        return new TdxEvent(3, RuntimeEvent.EventType, digest, name, payload);
    }

    private static byte[] Replay(TdxEventLog events, uint imr)
        => events.Replay(imr)
            ?? throw new ArgumentException($"an event of RTMR{imr} has no digest of 48 bytes", nameof(events));
}

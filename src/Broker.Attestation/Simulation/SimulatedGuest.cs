using System.Security.Cryptography;
using System.Text;
using Broker.Attestation.Dstack;
using Broker.Attestation.EventLog;
using Broker.Attestation.Quotes;

namespace Broker.Attestation.Simulation;

/// <summary>
/// A dstack guest on a simulated machine: a TD whose registers are the replay of its event log, so that what it attests
/// holds together as it does in a real guest.
/// </summary>
/// <param name="machine">Signs its quotes.</param>
/// <param name="td">MRTD and the rest; its RTMRs are overwritten by the replay.</param>
/// <param name="events">The event log, all registers; every boot event with its digest.</param>
/// <param name="vmConfig">JSON text that the host gave the guest; may be empty.</param>
public sealed class SimulatedGuest(SimulatedMachine machine, SimulatedTd td, TdxEventLog events, string vmConfig)
{
    private readonly SimulatedTd _td = td with
    {
        RtMr0 = Replay(events, 0),
        RtMr1 = Replay(events, 1),
        RtMr2 = Replay(events, 2),
        RtMr3 = Replay(events, 3),
    };

    public string VmConfig { get; } = vmConfig;

    public TdxEventLog Events { get; } = events;

    /// <summary>Registers as they stand in every quote.</summary>
    public SimulatedTd Td => _td;

    /// <summary>Which TD report the module gives: 1.0 makes version 4 quotes, 1.5 version 5.</summary>
    public QuoteBodyType ReportType { get; init; } = QuoteBodyType.TdReport10;

    /// <summary>A genuine quote structure over the report data, 64 bytes.</summary>
    public byte[] Quote(ReadOnlyMemory<byte> reportData) => machine.Quote(_td.Report(reportData, ReportType));

    /// <summary>The guest agent's answer to <c>Attest</c>.</summary>
    public VersionedAttestation Attest(ReadOnlyMemory<byte> reportData)
        => new(Quote(reportData), Events, Events.RuntimeEvents(), reportData, VmConfig);

    /// <summary>
    /// The log of an ordinary boot: firmware, kernel and command line by made-up digests, then dstack's runtime events in
    /// the order of a real guest.
    /// </summary>
    /// <param name="composeHash">32 bytes.</param>
    /// <param name="keyProvider">JSON such as <c>{"name":"kms","id":"…"}</c>; empty for a guest that has none yet.</param>
    public static TdxEventLog OrdinaryBoot(
        ReadOnlyMemory<byte> appId, ReadOnlyMemory<byte> composeHash, ReadOnlyMemory<byte> instanceId, string keyProvider)
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
        => new(3, RuntimeEvent.EventType, RuntimeEventDigest.Compute(name, payload.Span, EventDigestVersion.V1), name, payload);

    private static byte[] Replay(TdxEventLog events, uint imr)
        => events.Replay(imr) ?? throw new ArgumentException($"an event of RTMR{imr} has no digest of 48 bytes", nameof(events));
}

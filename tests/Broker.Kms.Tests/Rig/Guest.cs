using System.Security.Cryptography;
using Broker.Attestation.EventLog;
using Broker.Attestation.Evidence;
using Broker.Attestation.Quotes;
using Broker.Attestation.Simulation;
using Broker.Foundation.Results;
using Broker.Kms.Machine;

namespace Broker.Kms.Tests.Rig;

/// <summary>
/// A confidential virtual machine: firmware and OS as <see cref="SimulatedTd"/> says, RTMR3 from its own events, and an
/// agent that attests it.
/// </summary>
internal sealed class Guest : IGuestAgent
{
    private readonly SimulatedMachine _machine;
    private readonly SimulatedTd _td;
    private readonly List<RuntimeEvent> _events = [];

    public Guest(SimulatedMachine machine, string name, TdAttributes attributes = TdAttributes.SeptVeDisable)
    {
        _machine = machine;
        AppId = SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name))[..20];
        InstanceId = SHA256.HashData(AppId)[..20];
        OsImageHash = SHA256.HashData("os image"u8);
        _td = new SimulatedTd { MrTd = SHA384.HashData("firmware"u8), Attributes = attributes };
        Add("system-preparing", []);
        Add("app-id", AppId);
        Add("compose-hash", SHA256.HashData(InstanceId));
        Add("instance-id", InstanceId);
        Add("boot-mr-done", []);
    }

    public byte[] AppId { get; }

    public byte[] InstanceId { get; }

    public byte[] OsImageHash { get; }

    /// <summary>What the agent is asked for so far.</summary>
    public int Attested { get; private set; }

    /// <summary>Set: the agent answers nothing but this.</summary>
    public string? Broken { get; set; }

    /// <summary>Set: what the agent gives in the place of its own evidence; the machine is another kind then.</summary>
    public Func<ReadOnlyMemory<byte>, VersionedAttestation>? Instead { get; set; }

    public string VmConfig => $"{{\"os_image_hash\":\"{Convert.ToHexStringLower(OsImageHash)}\"}}";

    /// <summary>Extends RTMR3 by one event.</summary>
    public Guest Add(string name, byte[] payload)
    {
        _events.Add(new RuntimeEvent(name, payload));
        return this;
    }

    public TdxAttestation Attest(ReadOnlyMemory<byte> reportData)
    {
        Attested++;
        var rtmr3 = RtmrReplay.Replay(_events.Select(entry => entry.Digest()));
        var quote = _machine.Quote((_td with { RtMr3 = rtmr3 }).Report(reportData));
        var log = _events.Select(entry =>
            new TdxEvent(3, RuntimeEvent.EventType, entry.Digest(), entry.Name, entry.Payload));
        return new TdxAttestation(new EncodedQuote(quote), new TdxEventLog([.. log]), [.. _events], reportData, VmConfig);
    }

    public Task<Result<byte[]>> AttestAsync(ReadOnlyMemory<byte> reportData, CancellationToken stop) =>
        Task.FromResult<Result<byte[]>>(Broken is null
            ? (Instead?.Invoke(reportData) ?? Attest(reportData)).Encode()
            : new Refusal(MachineRefusals.AgentUnavailable, Broken));

    public Task<Result<string>> VmConfigAsync(CancellationToken stop) =>
        Task.FromResult<Result<string>>(Broken is null
            ? VmConfig
            : new Refusal(MachineRefusals.AgentUnavailable, Broken));
}

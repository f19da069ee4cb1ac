using Broker.Attestation.Apps;
using Broker.Attestation.EventLog;
using Broker.Attestation.Evidence;
using Broker.Foundation.Results;

namespace Broker.Kms.Machine;

/// <summary>
/// Which machine the KMS itself is: its own evidence from the guest agent, verified like anybody's. Read once and kept
/// for the life of the process, since a running machine does not change; a failure is tried again on the next call.
/// </summary>
internal sealed class SelfIdentity(IGuestAgent agent, AttestationVerifier verifier, TimeProvider time)
{
    private BootInfo? _boot;

    /// <summary>The machine's full measurements, the same that <c>GetAttestationInfo</c> shows to operators.</summary>
    public async Task<Result<BootInfo>> ReadAsync(CancellationToken stop)
    {
        if (Volatile.Read(ref _boot) is { } known) return known;

        var evidence = await AttestAsync("local KMS attestation", stop);
        if (evidence.IsRefused) return evidence.Refusal;
        var boot = evidence.Value.DecodeBootInfo("", MeasurementView.Full);
        if (!boot.Succeeded) return new Refusal(MachineRefusals.OwnEvidenceRefused, boot.Error);

        Volatile.Write(ref _boot, boot.Value);
        return boot.Value;
    }

    /// <summary>Fresh evidence over 64 zero bytes, verified.</summary>
    /// <param name="what">How a refusal calls it: operators search for the words of the method.</param>
    /// <param name="stop">Ends the wait.</param>
    public async Task<Result<VerifiedAttestation>> AttestAsync(string what, CancellationToken stop)
    {
        var quoted = await agent.AttestAsync(new byte[VersionedAttestation.ReportDataLength], stop);
        if (quoted.IsRefused) return quoted.Refusal.Within($"Failed to get {what}");

        var evidence = VersionedAttestation.Decode(quoted.Value);
        if (!evidence.Succeeded)
            return new Refusal(MachineRefusals.OwnEvidenceRefused, $"Failed to decode {what}: {evidence.Error}");

        var verdict = await verifier.VerifyAsync(
            evidence.Value, new byte[VersionedAttestation.ReportDataLength], time.GetUtcNow(), stop);
        return verdict switch
        {
            VerifiedAttestation verified => verified,
            RefusedAttestation refused => new Refusal(
                MachineRefusals.OwnEvidenceRefused, $"Failed to verify {what}: {refused.Refusal}"),
            _ => throw new InvalidOperationException($"internal error: a verdict of type {verdict.GetType()}"),
        };
    }
}

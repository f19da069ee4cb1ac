using Broker.Attestation.Apps;
using Broker.Attestation.Decoding;
using Broker.Attestation.EventLog;

namespace Broker.Attestation.Evidence;

/// <summary>
/// Evidence that held: what it says was measured is what a genuine platform measured. Whether that guest may have what
/// it asks for is somebody else's question, put with <see cref="BootInfo"/>.
/// </summary>
public abstract record VerifiedAttestation : AttestationVerdict
{
    private protected VerifiedAttestation(VersionedAttestation evidence) => Evidence = evidence;

    public VersionedAttestation Evidence { get; }

    /// <summary>The verdict holds until here, inclusive.</summary>
    public abstract DateTimeOffset ValidUntil { get; }

    /// <summary>What the webhook is asked about.</summary>
    /// <param name="vmConfig">The request's vm_config; when it is empty the attestation's own config stands in.</param>
    /// <param name="view">Which part of the events counts, where events are proven.</param>
    public abstract Decoded<BootInfo> DecodeBootInfo(string vmConfig, MeasurementView view);
}

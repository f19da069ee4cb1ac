using Broker.Attestation.EventLog;

namespace Broker.Attestation.Evidence;

/// <summary>
/// The envelope of an AMD SEV-SNP machine. Its runtime events are bound by nothing, so nothing of them is a fact.
/// </summary>
/// <param name="Report">The attestation report.</param>
/// <param name="CertificateChain">
/// ASK and VCEK (PEM or DER), or one kernel table, or nothing.
/// </param>
/// <param name="MrConfig">The text of the document that HOST_DATA is the hash of.</param>
public sealed record SnpAttestation(
    ReadOnlyMemory<byte> Report,
    IReadOnlyList<ReadOnlyMemory<byte>> CertificateChain,
    string MrConfig,
    IReadOnlyList<RuntimeEvent> RuntimeEvents,
    ReadOnlyMemory<byte> ReportData,
    string Config,
    string? ReportDataPayload = null)
    : VersionedAttestation(RuntimeEvents, ReportData, Config, ReportDataPayload)
{
    /// <summary>All of it: there is nothing to leave out.</summary>
    public override SnpAttestation StrippedForCertificate() => this;
}

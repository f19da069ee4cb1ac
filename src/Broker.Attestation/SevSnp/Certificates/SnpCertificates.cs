namespace Broker.Attestation.SevSnp.Certificates;

/// <summary>What a report is judged with, DER. No root: that one is never taken from anybody.</summary>
/// <param name="Leaf">The VCEK or VLEK; null when there is none.</param>
/// <param name="Intermediate">The ASK or ASVK; null when there is none.</param>
/// <param name="RevocationList">The root's list of revoked intermediates; null when nobody gave one.</param>
public sealed record SnpCertificates(
    ReadOnlyMemory<byte>? Leaf, ReadOnlyMemory<byte>? Intermediate, ReadOnlyMemory<byte>? RevocationList = null);

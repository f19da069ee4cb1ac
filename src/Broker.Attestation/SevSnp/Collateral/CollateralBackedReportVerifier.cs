using Broker.Attestation.Collateral;
using Broker.Attestation.SevSnp.Certificates;
using Broker.Attestation.SevSnp.Reports;
using Broker.Attestation.SevSnp.Verification;

namespace Broker.Attestation.SevSnp.Collateral;

/// <summary>
/// Judges reports with the certificates that come with them, or else with those of a key service: what a service asks.
/// </summary>
/// <param name="source">Null where nothing is fetched.</param>
public sealed class CollateralBackedReportVerifier(
    SnpTrustAnchors anchors, SnpPolicy policy, CachedCertificates? source = null)
{
    private readonly SnpReportVerifier _verifier = new(anchors, policy);

    public SnpPolicy Policy => policy;

    /// <summary>
    /// The verdict at <paramref name="now"/>. Certificates or a revocation list that cannot be had are a refusal
    /// (<c>COLLATERAL_MISSING</c>, <c>CRL_MISSING</c>), never a pass.
    /// </summary>
    /// <param name="given">What came with the report. Only what is null in it is fetched.</param>
    public async Task<SnpVerdict> VerifyAsync(
        ReadOnlyMemory<byte> encoded, SnpCertificates given, SnpExpectations expected, DateTimeOffset now,
        CancellationToken stop)
    {
        // No question about a stranger's bytes leaves before they have the form of a report.
        var read = _verifier.Read(encoded);
        if (!read.Succeeded) return new RefusedReport(read.Refusal, null);
        var report = read.Value;
        var reason = SnpRefusalReason.CollateralMissing;
        try
        {
            var certificates = given.Leaf is null && source is not null && VcekKey.Of(report) is { } key
                ? await source.GetAsync(key, stop) with { RevocationList = given.RevocationList }
                : given;

            // The service's list for VLEKs is at another address, and no host of ours has one.
            reason = SnpRefusalReason.CrlMissing;
            if (policy.RequireRevocationList && certificates.RevocationList is null && source is not null
                && report.SigningKey == SnpSigningKey.Vcek && FamilyOf(report, certificates) is { } family)
            {
                certificates = certificates with { RevocationList = await source.RevocationListAsync(family, stop) };
            }

            return _verifier.Verify(report, certificates, expected, now);
        }
        catch (CollateralUnavailableException unavailable)
        {
            return new RefusedReport(new SnpRefusal(reason, $"no collateral: {unavailable.Message}"), report);
        }
    }

    private static ProcessorFamily? FamilyOf(SnpReport report, SnpCertificates certificates)
    {
        if (report.Cpuid is { } cpuid) return ProcessorFamilies.FromCpuid(cpuid.Family, cpuid.Model);
        return certificates.Leaf is { } leaf && SnpCertificateReader.TryRead(leaf) is { } read
            ? LeafIdentity.FamilyOf(read)
            : null;
    }
}

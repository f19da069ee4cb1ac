using System.Security.Cryptography;
using Broker.Attestation.Quotes;
using Broker.Attestation.SevSnp.Certificates;
using Broker.Attestation.SevSnp.Reports;

namespace Broker.Attestation.SevSnp.Verification;

/// <summary>
/// Judges SEV-SNP reports, in this order:
/// <list type="number">
/// <item>the report's form, and its key's kind;</item>
/// <item>the family, which chooses the root;</item>
/// <item>the chain up to that root, and the revocation list where there is one;</item>
/// <item>the leaf against the report: product, levels, chip;</item>
/// <item>the signature;</item>
/// <item>guest policy and platform, order and minimum of the firmware levels;</item>
/// <item>the values that the caller expects.</item>
/// </list>
/// Nothing that the report says decides anything before its signature holds, but which certificates to use.
/// </summary>
public sealed class SnpReportVerifier(SnpTrustAnchors anchors, SnpPolicy policy)
{
    /// <summary>Only the form of the report: enough to know which certificates it needs.</summary>
    public SnpOutcome<SnpReport> Read(ReadOnlyMemory<byte> report) => SnpReportReader.Read(report, policy.AllowVlek);

    public SnpVerdict Verify(
        ReadOnlyMemory<byte> report, SnpCertificates certificates, SnpExpectations expected, DateTimeOffset now)
    {
        var read = Read(report);
        return read.Succeeded ? Verify(read.Value, certificates, expected, now) : new RefusedReport(read.Refusal, null);
    }

    public SnpVerdict Verify(
        SnpReport report, SnpCertificates certificates, SnpExpectations expected, DateTimeOffset now)
    {
        var verdict = VerifyOrRefuse(report, certificates, expected, now);
        return verdict.Succeeded ? verdict.Value : new RefusedReport(verdict.Refusal, report);
    }

    private SnpOutcome<VerifiedReport> VerifyOrRefuse(
        SnpReport report, SnpCertificates certificates, SnpExpectations expected, DateTimeOffset now)
    {
        // A processor without a root here ends it, whatever certificates there are.
        var named = FamilyOf(report.Cpuid);
        if (report.Cpuid is not null && named is null) return Unknown();
        if (certificates is not { Leaf: { } leafBytes, Intermediate: { } intermediate })
            return new SnpRefusal(SnpRefusalReason.CollateralMissing, "no certificates for the report");
        if (SnpCertificateReader.TryRead(leafBytes) is not { } leaf)
            return new SnpRefusal(SnpRefusalReason.CertMalformed, "the leaf is not a certificate");
        if ((named ?? LeafIdentity.FamilyOf(leaf)) is not { } family) return Unknown();

        var chain = SnpChain.Verify(
            anchors.Certificate(family), SnpCertificateReader.TryRead(intermediate), leaf, family, report.SigningKey,
            now);
        if (!chain.Succeeded) return chain.Refusal;
        if (RefuseRevocation(chain.Value, certificates.RevocationList, now, out var listEnds) is { } revoked)
            return revoked;

        var identity = LeafIdentity.Read(leaf, family, report.SigningKey);
        if (!identity.Succeeded) return identity.Refusal;
        if (ReadLevels(report, family) is not { } levels)
            return new SnpRefusal(SnpRefusalReason.ReportReserved, "reserved bytes of a firmware level are not zero");
        if (RefuseLeaf(identity.Value, report, levels.Reported) is { } otherLeaf) return otherLeaf;

        using var key = leaf.Key.TryOpenP384();
        if (key is null) return new SnpRefusal(SnpRefusalReason.LeafKey, "the leaf's key is not a point of P-384");
        if (!ReportSignature.Verify(report, key))
            return new SnpRefusal(SnpRefusalReason.ReportSignature, "the leaf's key did not sign the report");

        var refusal = GuestRules.Refuse(report, policy) ?? RefuseLevels(levels, family) ?? Refuse(report, expected);
        return refusal is not null ? refusal : new VerifiedReport
        {
            Report = report,
            Family = family,
            ReportedTcb = levels.Reported,
            CommittedTcb = levels.Committed,
            CurrentTcb = levels.Current,
            LaunchTcb = levels.Launch,
            CloudProvider = identity.Value.CloudProvider,
            HasRevocationList = listEnds is not null,
            ValidFrom = chain.Value.ValidFrom,
            ValidUntil = listEnds is { } end && end < chain.Value.ValidUntil ? end : chain.Value.ValidUntil,
        };
    }

    private static ProcessorFamily? FamilyOf((byte Family, byte Model)? cpuid)
        => cpuid is { } processor ? ProcessorFamilies.FromCpuid(processor.Family, processor.Model) : null;

    private static SnpRefusal Unknown()
        => new(SnpRefusalReason.Product, "a processor whose root is not known here");

    private SnpRefusal? RefuseRevocation(
        SnpChain chain, ReadOnlyMemory<byte>? encoded, DateTimeOffset now, out DateTimeOffset? ends)
    {
        ends = null;
        if (encoded is not { } given)
        {
            return policy.RequireRevocationList
                ? new SnpRefusal(SnpRefusalReason.CrlMissing, "no revocation list")
                : null;
        }

        if (SnpRevocationList.TryRead(given) is not { } list)
            return new SnpRefusal(SnpRefusalReason.CrlMalformed, "not a revocation list");
        ends = list.NextUpdate;
        return list.Refuse(chain, now);
    }

    private static Levels? ReadLevels(SnpReport report, ProcessorFamily family)
    {
        TcbLevels? Read(QuoteField field) => TcbLevels.Read(field.In(report.Encoded).Span, family);
        return Read(SnpReportLayout.ReportedTcb) is { } reported
            && Read(SnpReportLayout.CommittedTcb) is { } committed
            && Read(SnpReportLayout.CurrentTcb) is { } current && Read(SnpReportLayout.LaunchTcb) is { } launch
            ? new Levels(reported, committed, current, launch)
            : null;
    }

    /// <summary>The hardware id has one exact length, so that no prefix of a chip's id ever suffices.</summary>
    private static SnpRefusal? RefuseLeaf(LeafIdentity leaf, SnpReport report, TcbLevels reported)
    {
        if (leaf.Tcb != reported)
            return new SnpRefusal(SnpRefusalReason.TcbMismatch, "the leaf is for other firmware levels");
        if (leaf.HardwareId is not { } id) return null;
        var chip = report.ChipId.Span;
        return chip[..id.Length].SequenceEqual(id.Span) && !chip[id.Length..].ContainsAnyExcept((byte)0)
            && chip.ContainsAnyExcept((byte)0)
            ? null
            : new SnpRefusal(SnpRefusalReason.ChipIdMismatch, "the leaf is for another chip, or the chip is masked");
    }

    private SnpRefusal? RefuseLevels(Levels levels, ProcessorFamily family)
    {
        if (!levels.Committed.Reaches(levels.Reported) || !levels.Current.Reaches(levels.Committed))
        {
            return new SnpRefusal(
                SnpRefusalReason.TcbOrder, "not reported <= committed <= current in every firmware level");
        }

        return policy.MinimumTcb.TryGetValue(family, out var minimum) && !levels.Reported.Reaches(minimum)
            ? new SnpRefusal(
                SnpRefusalReason.TcbBelowMinimum, $"firmware at {levels.Reported}, demanded are {minimum}")
            : null;
    }

    private static SnpRefusal? Refuse(SnpReport report, SnpExpectations expected)
    {
        if (!Agrees(expected.ReportData, report.ReportData))
            return new SnpRefusal(SnpRefusalReason.ReportDataMismatch, "amd sev-snp report_data mismatch");
        if (!Agrees(expected.ChipId, report.ChipId))
            return new SnpRefusal(SnpRefusalReason.ChipIdExpected, "another chip than the expected one");
        if (!Agrees(expected.HostData, report.HostData))
            return new SnpRefusal(SnpRefusalReason.HostDataMismatch, "amd sev-snp host_data mismatch");
        return Agrees(expected.Measurement, report.Measurement)
            ? null
            : new SnpRefusal(SnpRefusalReason.MeasurementMismatch, "amd sev-snp measurement mismatch");
    }

    private static bool Agrees(ReadOnlyMemory<byte>? expected, ReadOnlyMemory<byte> actual)
        => expected is not { } value || CryptographicOperations.FixedTimeEquals(value.Span, actual.Span);

    private sealed record Levels(TcbLevels Reported, TcbLevels Committed, TcbLevels Current, TcbLevels Launch);
}

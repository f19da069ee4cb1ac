using Broker.Attestation.Quotes;

namespace Broker.Attestation.SevSnp.Reports;

/// <summary>
/// Where the fields of an attestation report stand (AMD 56860, ATTESTATION_REPORT). Integers are little endian.
/// </summary>
public static class SnpReportLayout
{
    public const int Length = 1184;

    /// <summary>The report's beginning, which is what its signature covers.</summary>
    public const int SignedLength = 0x2a0;

    public static readonly QuoteField Version = new(0x000, 4);
    public static readonly QuoteField GuestSvn = new(0x004, 4);
    public static readonly QuoteField Policy = new(0x008, 8);
    public static readonly QuoteField FamilyId = new(0x010, 16);
    public static readonly QuoteField ImageId = new(0x020, 16);
    public static readonly QuoteField Vmpl = new(0x030, 4);
    public static readonly QuoteField SignatureAlgorithm = new(0x034, 4);
    public static readonly QuoteField CurrentTcb = new(0x038, 8);
    public static readonly QuoteField PlatformInfo = new(0x040, 8);
    public static readonly QuoteField KeyInfo = new(0x048, 4);
    public static readonly QuoteField ReportData = new(0x050, 64);
    public static readonly QuoteField Measurement = new(0x090, 48);
    public static readonly QuoteField HostData = new(0x0c0, 32);
    public static readonly QuoteField ReportId = new(0x140, 32);
    public static readonly QuoteField ReportIdMigrationAgent = new(0x160, 32);
    public static readonly QuoteField ReportedTcb = new(0x180, 8);

    /// <summary>Family, model and stepping; since version 3.</summary>
    public static readonly QuoteField Cpuid = new(0x188, 3);
    public static readonly QuoteField ChipId = new(0x1a0, 64);
    public static readonly QuoteField CommittedTcb = new(0x1e0, 8);

    /// <summary>Build, minor, major.</summary>
    public static readonly QuoteField CurrentVersion = new(0x1e8, 3);
    public static readonly QuoteField CommittedVersion = new(0x1ec, 3);
    public static readonly QuoteField LaunchTcb = new(0x1f0, 8);

    /// <summary>Two vectors; since version 5.</summary>
    public static readonly QuoteField MitigationVectors = new(0x1f8, 16);

    /// <summary>Little endian in a field that is wider than the curve; <see cref="SignatureS"/> likewise.</summary>
    public static readonly QuoteField SignatureR = new(0x2a0, 72);
    public static readonly QuoteField SignatureS = new(0x2e8, 72);

    /// <summary>Where bytes have to be zero in a report of that version.</summary>
    internal static IEnumerable<QuoteField> Reserved(uint version)
    {
        yield return new QuoteField(0x04c, 4);
        yield return version < 3 ? new QuoteField(Cpuid.Offset, 24) : new QuoteField(0x18b, 21);
        yield return new QuoteField(0x1eb, 1);
        yield return new QuoteField(0x1ef, 1);
        yield return version < 5 ? new QuoteField(MitigationVectors.Offset, 168) : new QuoteField(0x208, 152);
        yield return new QuoteField(0x330, 368);
    }
}

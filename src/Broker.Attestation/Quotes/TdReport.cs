using System.Buffers.Binary;

namespace Broker.Attestation.Quotes;

/// <summary>
/// What a TDX module says of one trust domain. A view over the signed bytes; the fields carry the names of Intel's
/// specification. Measurements are SHA-384, 48 bytes. Fields of TDX 1.5 are null in a 1.0 report.
/// </summary>
public sealed class TdReport : QuoteBody
{
    /// <exception cref="ArgumentException">Not a TD report's type, or not the length of that type.</exception>
    public TdReport(QuoteBodyType type, ReadOnlyMemory<byte> encoded) : base(type, encoded)
        => RequireSize(encoded, TdSizeOf(type));

    /// <summary>A report with these fields (<see cref="TdReportLayout"/>) and zeros elsewhere.</summary>
    public static TdReport Of(
        QuoteBodyType type, params ReadOnlySpan<(QuoteField Field, ReadOnlyMemory<byte> Value)> fields)
        => new(type, Build(TdSizeOf(type), fields));

    /// <summary>SVNs of the TDX module at launch: [0] minor, [1] major version, [2] late microcode update.</summary>
    public ReadOnlyMemory<byte> TeeTcbSvn => TdReportLayout.TeeTcbSvn.In(Encoded);
    public ReadOnlyMemory<byte> MrSeam => TdReportLayout.MrSeam.In(Encoded);
    public ReadOnlyMemory<byte> MrSignerSeam => TdReportLayout.MrSignerSeam.In(Encoded);
    public ReadOnlyMemory<byte> SeamAttributes => TdReportLayout.SeamAttributes.In(Encoded);
    public TdAttributes TdAttributes
        => (TdAttributes)BinaryPrimitives.ReadUInt64LittleEndian(TdReportLayout.TdAttributes.In(Encoded).Span);
    public ReadOnlyMemory<byte> Xfam => TdReportLayout.Xfam.In(Encoded);

    /// <summary>What was in the TD when it was built.</summary>
    public ReadOnlyMemory<byte> MrTd => TdReportLayout.MrTd.In(Encoded);

    /// <summary>
    /// An identifier that the host's software gave at creation; dstack binds the app's configuration here.
    /// </summary>
    public ReadOnlyMemory<byte> MrConfigId => TdReportLayout.MrConfigId.In(Encoded);
    public ReadOnlyMemory<byte> MrOwner => TdReportLayout.MrOwner.In(Encoded);
    public ReadOnlyMemory<byte> MrOwnerConfig => TdReportLayout.MrOwnerConfig.In(Encoded);
    public ReadOnlyMemory<byte> RtMr0 => TdReportLayout.RtMr0.In(Encoded);
    public ReadOnlyMemory<byte> RtMr1 => TdReportLayout.RtMr1.In(Encoded);
    public ReadOnlyMemory<byte> RtMr2 => TdReportLayout.RtMr2.In(Encoded);
    public ReadOnlyMemory<byte> RtMr3 => TdReportLayout.RtMr3.In(Encoded);
    public override ReadOnlyMemory<byte> ReportData => TdReportLayout.ReportData.In(Encoded);

    /// <summary>SVNs of the module that runs now, after an update that kept the TD alive.</summary>
    public ReadOnlyMemory<byte>? TeeTcbSvn2 => Since15(TdReportLayout.TeeTcbSvn2);

    /// <summary>Hash of the service TDs bound to this one; zeros when there are none.</summary>
    public ReadOnlyMemory<byte>? MrServiceTd => Since15(TdReportLayout.MrServiceTd);

    private ReadOnlyMemory<byte>? Since15(QuoteField field)
    {
        // Not a conditional expression: its null would be the null array, which converts to an empty memory.
        if (Type == QuoteBodyType.TdReport10) return null;
        return field.In(Encoded);
    }

    private static int TdSizeOf(QuoteBodyType type)
        => type != QuoteBodyType.EnclaveReport && TdReportLayout.SizeOf(type) is { } size
            ? size
            : throw new ArgumentException($"{type} is not a TD report", nameof(type));
}

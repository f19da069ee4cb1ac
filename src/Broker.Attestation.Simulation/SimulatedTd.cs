using System.Buffers.Binary;
using System.Security.Cryptography;
using Broker.Attestation.Quotes;

namespace Broker.Attestation.Simulation;

/// <summary>The measurements of a simulated trust domain; 48 bytes each, zeros where not given.</summary>
public sealed record SimulatedTd
{
    private static readonly ReadOnlyMemory<byte> Zeros = new byte[48];

    public ReadOnlyMemory<byte> MrTd { get; init; } = Zeros;
    public ReadOnlyMemory<byte> MrConfigId { get; init; } = Zeros;
    public ReadOnlyMemory<byte> MrOwner { get; init; } = Zeros;
    public ReadOnlyMemory<byte> MrOwnerConfig { get; init; } = Zeros;
    public ReadOnlyMemory<byte> RtMr0 { get; init; } = Zeros;
    public ReadOnlyMemory<byte> RtMr1 { get; init; } = Zeros;
    public ReadOnlyMemory<byte> RtMr2 { get; init; } = Zeros;
    public ReadOnlyMemory<byte> RtMr3 { get; init; } = Zeros;

    /// <summary>Who signed the TDX module; zeros stand for Intel.</summary>
    public ReadOnlyMemory<byte> MrSignerSeam { get; init; } = Zeros;

    /// <summary>The service TDs that are bound to it; only a 1.5 report says.</summary>
    public ReadOnlyMemory<byte> MrServiceTd { get; init; } = Zeros;

    /// <summary>
    /// What dstack's TDs run with; add <see cref="TdAttributes.Debug"/> for one that must be refused.
    /// </summary>
    public TdAttributes Attributes { get; init; } = TdAttributes.SeptVeDisable;

    /// <summary>The report that the TDX module would give for this TD.</summary>
    /// <param name="reportData">64 bytes.</param>
    /// <param name="type">A 1.0 report goes into a version 4 quote, a 1.5 report into a version 5 quote.</param>
    public TdReport Report(ReadOnlyMemory<byte> reportData, QuoteBodyType type = QuoteBodyType.TdReport10)
    {
        var attributes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(attributes, (ulong)Attributes);
        var svn = new byte[16];
        svn[0] = SimulatedCollateral.ModuleMinor;
        svn[1] = SimulatedCollateral.ModuleMajor;
        svn[2] = SimulatedCollateral.LateMicrocode;

        var report = TdReport.Of(
            type,
            (TdReportLayout.TeeTcbSvn, svn),
            (TdReportLayout.MrSeam, SHA384.HashData("simulated TDX module"u8)),
            (TdReportLayout.MrSignerSeam, MrSignerSeam),
            (TdReportLayout.TdAttributes, attributes),
            (TdReportLayout.Xfam, Convert.FromHexString("e702060000000000")),
            (TdReportLayout.MrTd, MrTd),
            (TdReportLayout.MrConfigId, MrConfigId),
            (TdReportLayout.MrOwner, MrOwner),
            (TdReportLayout.MrOwnerConfig, MrOwnerConfig),
            (TdReportLayout.RtMr0, RtMr0),
            (TdReportLayout.RtMr1, RtMr1),
            (TdReportLayout.RtMr2, RtMr2),
            (TdReportLayout.RtMr3, RtMr3),
            (TdReportLayout.ReportData, reportData));
        if (type == QuoteBodyType.TdReport10) return report;

        var encoded = report.Encoded.ToArray();
        TdReportLayout.TeeTcbSvn2.Write(encoded, svn);
        TdReportLayout.MrServiceTd.Write(encoded, MrServiceTd.Span);
        return new TdReport(type, encoded);
    }
}

using System.Buffers.Binary;

namespace Broker.Attestation.Quotes;

/// <summary>
/// An SGX enclave report: the body of an SGX quote, and in every quote the report of the quoting enclave.
/// A view over the 384 signed bytes; the fields carry the names of Intel's specification.
/// </summary>
public sealed class EnclaveReport : QuoteBody
{
    private const byte DebugFlag = 1 << 1;

    /// <exception cref="ArgumentException">Not 384 bytes.</exception>
    public EnclaveReport(ReadOnlyMemory<byte> encoded) : base(QuoteBodyType.EnclaveReport, encoded)
        => RequireSize(encoded, EnclaveReportLayout.Size);

    /// <summary>A report with these fields (<see cref="EnclaveReportLayout"/>) and zeros elsewhere.</summary>
    public static EnclaveReport Of(params ReadOnlySpan<(QuoteField Field, ReadOnlyMemory<byte> Value)> fields)
        => new(Build(EnclaveReportLayout.Size, fields));

    public ReadOnlyMemory<byte> CpuSvn => EnclaveReportLayout.CpuSvn.In(Encoded);
    public ReadOnlyMemory<byte> MiscSelect => EnclaveReportLayout.MiscSelect.In(Encoded);

    /// <summary>Flags, 8 bytes, then XFRM, 8 bytes.</summary>
    public ReadOnlyMemory<byte> Attributes => EnclaveReportLayout.Attributes.In(Encoded);
    public ReadOnlyMemory<byte> MrEnclave => EnclaveReportLayout.MrEnclave.In(Encoded);
    public ReadOnlyMemory<byte> MrSigner => EnclaveReportLayout.MrSigner.In(Encoded);
    public ushort IsvProdId => BinaryPrimitives.ReadUInt16LittleEndian(EnclaveReportLayout.IsvProdId.In(Encoded).Span);
    public ushort IsvSvn => BinaryPrimitives.ReadUInt16LittleEndian(EnclaveReportLayout.IsvSvn.In(Encoded).Span);
    public override ReadOnlyMemory<byte> ReportData => EnclaveReportLayout.ReportData.In(Encoded);

    /// <summary>The host can read this enclave's memory.</summary>
    public bool IsDebug => (Attributes.Span[0] & DebugFlag) != 0;
}

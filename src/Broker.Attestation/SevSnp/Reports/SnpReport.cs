using System.Buffers.Binary;
using Broker.Attestation.Quotes;

namespace Broker.Attestation.SevSnp.Reports;

/// <summary>
/// An attestation report of the right form. Reading proves nothing. The bytes stay as they came, because the signature
/// is over them.
/// </summary>
public sealed class SnpReport
{
    internal SnpReport(ReadOnlyMemory<byte> encoded) => Encoded = encoded;

    /// <summary>All 1184 bytes.</summary>
    public ReadOnlyMemory<byte> Encoded { get; }

    /// <summary>2, 3 or 5.</summary>
    public uint Version => UInt32(SnpReportLayout.Version);

    public uint GuestSvn => UInt32(SnpReportLayout.GuestSvn);

    public GuestPolicy Policy => (GuestPolicy)UInt64(SnpReportLayout.Policy);

    public PlatformInfo PlatformInfo => (PlatformInfo)UInt64(SnpReportLayout.PlatformInfo);

    /// <summary>The privilege level inside the guest that asked: 0 is the highest; all ones is the host.</summary>
    public uint Vmpl => UInt32(SnpReportLayout.Vmpl);

    public SnpSigningKey SigningKey => (SnpSigningKey)(SigningKeyField(Encoded) & 7);

    /// <summary>Chosen by the guest, 64 bytes.</summary>
    public ReadOnlyMemory<byte> ReportData => SnpReportLayout.ReportData.In(Encoded);

    /// <summary>The launch digest, 48 bytes.</summary>
    public ReadOnlyMemory<byte> Measurement => SnpReportLayout.Measurement.In(Encoded);

    /// <summary>Chosen by the host at the launch and fixed since, 32 bytes.</summary>
    public ReadOnlyMemory<byte> HostData => SnpReportLayout.HostData.In(Encoded);

    /// <summary>64 bytes; zero where the host masks it. Identifies a machine.</summary>
    public ReadOnlyMemory<byte> ChipId => SnpReportLayout.ChipId.In(Encoded);

    /// <summary>What the processor says that it is; null in version 2, which does not say it.</summary>
    public (byte Family, byte Model)? Cpuid => Version < 3
        ? null
        : (Encoded.Span[SnpReportLayout.Cpuid.Offset], Encoded.Span[SnpReportLayout.Cpuid.Offset + 1]);

    internal ReadOnlySpan<byte> Signed => Encoded.Span[..SnpReportLayout.SignedLength];

    internal static uint SigningKeyField(ReadOnlyMemory<byte> encoded)
        => BinaryPrimitives.ReadUInt32LittleEndian(SnpReportLayout.KeyInfo.In(encoded).Span) >> 2;

    private uint UInt32(QuoteField field) => BinaryPrimitives.ReadUInt32LittleEndian(field.In(Encoded).Span);

    private ulong UInt64(QuoteField field) => BinaryPrimitives.ReadUInt64LittleEndian(field.In(Encoded).Span);
}

using System.Buffers.Binary;
using Broker.Attestation.Quotes;

namespace Broker.Attestation.SevSnp.Reports;

/// <summary>
/// Judges the form of a report, for which no certificate is needed. What AMD reserves has to be zero, the unsigned end
/// included: nobody could tell who wrote there.
/// </summary>
public static class SnpReportReader
{
    private const uint EcdsaP384WithSha384 = 1;
    private const uint MaskChipKey = 1 << 1;
    private const uint DefinedKeyInfo = 0x1f;

    public static SnpOutcome<SnpReport> Read(ReadOnlyMemory<byte> encoded, bool allowVlek = false)
    {
        if (encoded.Length != SnpReportLayout.Length)
        {
            return Refuse(
                SnpRefusalReason.ReportLength, $"a report has {SnpReportLayout.Length} bytes, not {encoded.Length}");
        }

        var version = UInt32(encoded, SnpReportLayout.Version);
        if (version is not (2 or 3 or 5))
        {
            return Refuse(SnpRefusalReason.ReportVersion, $"unsupported amd sev-snp report version: {version}");
        }

        var algorithm = UInt32(encoded, SnpReportLayout.SignatureAlgorithm);
        if (algorithm != EcdsaP384WithSha384)
        {
            return Refuse(SnpRefusalReason.SignatureAlgorithm, $"unknown signature algorithm {algorithm}");
        }

        foreach (var field in SnpReportLayout.Reserved(version))
        {
            if (field.In(encoded).Span.ContainsAnyExcept((byte)0))
            {
                return Refuse(SnpRefusalReason.ReportReserved, $"reserved bytes from 0x{field.Offset:x} are not zero");
            }
        }

        return RefuseKey(encoded, allowVlek) is { } refusal ? refusal : new SnpReport(encoded);
    }

    private static SnpRefusal? RefuseKey(ReadOnlyMemory<byte> encoded, bool allowVlek)
    {
        var keyInfo = UInt32(encoded, SnpReportLayout.KeyInfo);
        if ((keyInfo & ~DefinedKeyInfo) != 0)
        {
            return Refuse(SnpRefusalReason.ReportReserved, "reserved bits of the key info are set");
        }

        switch (SnpReport.SigningKeyField(encoded))
        {
            case (uint)SnpSigningKey.Vcek:
                break;
            case (uint)SnpSigningKey.Vlek when allowVlek:
                break;
            case (uint)SnpSigningKey.Vlek:
                return Refuse(
                    SnpRefusalReason.SigningKey, "amd sev-snp vlek certificates are not supported yet");
            case var other:
                return Refuse(SnpRefusalReason.SigningKey, $"signing key {other} is neither a VCEK nor a VLEK");
        }

        return (keyInfo & MaskChipKey) != 0
            ? Refuse(SnpRefusalReason.MaskChipKey, "the host masks the chip's key")
            : null;
    }

    private static uint UInt32(ReadOnlyMemory<byte> encoded, QuoteField field)
        => BinaryPrimitives.ReadUInt32LittleEndian(field.In(encoded).Span);

    private static SnpRefusal Refuse(SnpRefusalReason reason, string detail) => new(reason, detail);
}

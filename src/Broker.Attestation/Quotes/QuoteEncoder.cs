using System.Buffers.Binary;

namespace Broker.Attestation.Quotes;

/// <summary>
/// Writes quotes in the layout that <see cref="QuoteParser"/> reads: encoding what was parsed gives the same bytes.
/// </summary>
public static class QuoteEncoder
{
    /// <summary>The bytes that a quote's signature covers.</summary>
    /// <exception cref="ArgumentException">A header field of the wrong length.</exception>
    public static byte[] SignedRegion(QuoteHeader header, QuoteBody body)
    {
        using var stream = new MemoryStream(QuoteHeader.Size + 6 + body.Encoded.Length);
        WriteUInt16(stream, header.Version);
        WriteUInt16(stream, header.AttestationKeyType);
        WriteUInt32(stream, (uint)header.TeeType);
        WriteUInt16(stream, header.QeSvn);
        WriteUInt16(stream, header.PceSvn);
        WriteFixed(stream, header.QeVendorId, 16);
        WriteFixed(stream, header.UserData, 20);
        if (header.Version == 5)
        {
            WriteUInt16(stream, (ushort)body.Type);
            WriteUInt32(stream, (uint)body.Encoded.Length);
        }

        stream.Write(body.Encoded.Span);
        return stream.ToArray();
    }

    /// <summary>A whole quote from its parts.</summary>
    /// <param name="signedRegion">As <see cref="SignedRegion"/> wrote it.</param>
    /// <param name="version">The header's version: it decides how the QE report is wrapped.</param>
    /// <param name="trailing">Unsigned padding after the structure.</param>
    public static byte[] Encode(
        ReadOnlyMemory<byte> signedRegion, ushort version, QuoteSignatureData data,
        ReadOnlyMemory<byte> trailing = default)
    {
        var signatureData = EncodeSignatureData(data, version);
        using var stream = new MemoryStream(signedRegion.Length + 4 + signatureData.Length + trailing.Length);
        stream.Write(signedRegion.Span);
        WriteUInt32(stream, (uint)signatureData.Length);
        stream.Write(signatureData);
        stream.Write(trailing.Span);
        return stream.ToArray();
    }

    /// <summary>The bytes that this quote was parsed from.</summary>
    public static byte[] Encode(Quote quote)
        => Encode(SignedRegion(quote.Header, quote.Body), quote.Header.Version, quote.SignatureData, quote.Trailing);

    private static byte[] EncodeSignatureData(QuoteSignatureData data, ushort version)
    {
        using var stream = new MemoryStream();
        WriteFixed(stream, data.Signature, 64);
        WriteFixed(stream, data.AttestationKey, 64);
        var qeReport = EncodeQeReport(data);
        if (version != 3)
        {
            WriteUInt16(stream, (ushort)CertificationDataType.QeReport);
            WriteUInt32(stream, (uint)qeReport.Length);
        }

        stream.Write(qeReport);
        return stream.ToArray();
    }

    private static byte[] EncodeQeReport(QuoteSignatureData data)
    {
        using var stream = new MemoryStream();
        stream.Write(data.QeReport.Encoded.Span);
        WriteFixed(stream, data.QeReportSignature, 64);
        WriteUInt16(stream, checked((ushort)data.QeAuthenticationData.Length));
        stream.Write(data.QeAuthenticationData.Span);
        WriteUInt16(stream, (ushort)data.CertificationDataType);
        WriteUInt32(stream, (uint)data.CertificationData.Length);
        stream.Write(data.CertificationData.Span);
        return stream.ToArray();
    }

    private static void WriteFixed(MemoryStream stream, ReadOnlyMemory<byte> value, int length)
    {
        if (value.Length != length)
        {
            throw new ArgumentException($"{length} bytes expected, not {value.Length}", nameof(value));
        }

        stream.Write(value.Span);
    }

    private static void WriteUInt16(MemoryStream stream, ushort value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        stream.Write(bytes);
    }

    private static void WriteUInt32(MemoryStream stream, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        stream.Write(bytes);
    }
}

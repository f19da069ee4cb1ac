namespace Broker.Attestation.Quotes;

/// <summary>
/// Reads DCAP quotes: TDX in versions 4 and 5, SGX in version 3, all with ECDSA P-256 attestation keys.
/// <code>
/// v3  header 48 | enclave report 384                      | length u32 | signature data
/// v4  header 48 | TD report 584                           | length u32 | signature data | padding
/// v5  header 48 | type u16 | size u32 | TD report of type | length u32 | signature data | padding
///
/// signature data  v3     signature 64 | key 64 | QE report
///                 v4, v5 signature 64 | key 64 | 6 u16 | length u32 | QE report
/// QE report       report 384 | signature 64 | length u16 | authentication data
///                 | type u16 | length u32 | certification data
/// </code>
/// Integers are little-endian. Lengths inside the signature data must fill it exactly; bytes after the structure are
/// tolerated, because genuine quotes come in fixed buffers. SGX in versions 4 and 5 is refused: nobody makes it.
/// </summary>
public static class QuoteParser
{
    /// <summary>No genuine quote comes near it; a longer input is refused before it is read.</summary>
    public const int MaxLength = 64 * 1024;

    private const int KeyAndSignatureLength = 64;

    /// <summary>
    /// Copies and parses <paramref name="bytes"/>; the quote keeps no reference to the caller's memory.
    /// </summary>
    public static QuoteParseResult Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxLength) return QuoteParseResult.Malformed($"longer than {MaxLength} bytes");

        var cursor = new QuoteCursor(bytes.ToArray());
        if (ReadHeader(ref cursor, out var header) is { } badHeader) return badHeader;
        if (ReadBody(ref cursor, header!, out var body) is { } badBody) return badBody;
        var signedRegion = cursor.Consumed;

        if (!cursor.TryReadUInt32(out var length) || !cursor.TryTake(length, out var encoded))
        {
            return QuoteParseResult.Malformed("signature data reaches past the end");
        }

        if (ReadSignatureData(encoded, header!.Version, out var signatureData) is { } badData) return badData;
        return QuoteParseResult.Of(new Quote(header, body!, signedRegion, signatureData!, cursor.Remaining));
    }

    private static QuoteParseResult? ReadHeader(ref QuoteCursor cursor, out QuoteHeader? header)
    {
        header = null;
        if (!cursor.TryReadUInt16(out var version)) return QuoteParseResult.Malformed("shorter than a header");
        if (version is < 3 or > 5) return QuoteParseResult.Unsupported($"version {version}");

        if (!cursor.TryReadUInt16(out var keyType) || !cursor.TryReadUInt32(out var tee)
            || !cursor.TryReadUInt16(out var qeSvn) || !cursor.TryReadUInt16(out var pceSvn)
            || !cursor.TryTake(16, out var vendor) || !cursor.TryTake(20, out var userData))
        {
            return QuoteParseResult.Malformed("shorter than a header");
        }

        if (keyType != QuoteHeader.EcdsaP256) return QuoteParseResult.Unsupported($"attestation key type {keyType}");
        if ((TeeType)tee != (version == 3 ? TeeType.Sgx : TeeType.Tdx))
        {
            return QuoteParseResult.Unsupported($"TEE type 0x{tee:x} in version {version}");
        }

        if (!vendor.Span.SequenceEqual(QuoteHeader.IntelQeVendorId.Span))
        {
            return QuoteParseResult.Unsupported("QE vendor");
        }

        header = new QuoteHeader
        {
            Version = version,
            AttestationKeyType = keyType,
            TeeType = (TeeType)tee,
            QeSvn = qeSvn,
            PceSvn = pceSvn,
            QeVendorId = vendor,
            UserData = userData,
        };
        return null;
    }

    private static QuoteParseResult? ReadBody(ref QuoteCursor cursor, QuoteHeader header, out QuoteBody? body)
    {
        body = null;
        var type = header.TeeType == TeeType.Sgx ? QuoteBodyType.EnclaveReport : QuoteBodyType.TdReport10;
        if (header.Version == 5)
        {
            if (!cursor.TryReadUInt16(out var declaredType) || !cursor.TryReadUInt32(out var declaredSize))
            {
                return QuoteParseResult.Malformed("shorter than a body descriptor");
            }

            type = (QuoteBodyType)declaredType;
            if (TdReportLayout.SizeOf(type) is not { } expected || type == QuoteBodyType.EnclaveReport)
            {
                return QuoteParseResult.Unsupported($"body type {declaredType}");
            }

            if (declaredSize != expected)
            {
                return QuoteParseResult.Malformed($"body type {declaredType} with {declaredSize} bytes");
            }
        }

        if (!cursor.TryTake((ulong)TdReportLayout.SizeOf(type)!.Value, out var encoded))
        {
            return QuoteParseResult.Malformed("shorter than its body");
        }

        body = type == QuoteBodyType.EnclaveReport ? new EnclaveReport(encoded) : new TdReport(type, encoded);
        return null;
    }

    private static QuoteParseResult? ReadSignatureData(
        ReadOnlyMemory<byte> encoded, ushort version, out QuoteSignatureData? signatureData)
    {
        signatureData = null;
        var cursor = new QuoteCursor(encoded);
        if (!cursor.TryTake(KeyAndSignatureLength, out var signature)
            || !cursor.TryTake(KeyAndSignatureLength, out var key))
        {
            return QuoteParseResult.Malformed("signature data ends inside the signature or the key");
        }

        if (version != 3)
        {
            if (!cursor.TryReadUInt16(out var outerType) || !cursor.TryReadUInt32(out var outerLength)
                || !cursor.TryTake(outerLength, out var wrapped))
            {
                return QuoteParseResult.Malformed("certification data reaches past the signature data");
            }

            if ((CertificationDataType)outerType != CertificationDataType.QeReport)
            {
                return QuoteParseResult.Unsupported($"outer certification data type {outerType}");
            }

            if (!cursor.AtEnd) return QuoteParseResult.Malformed("slack after the certification data");
            cursor = new QuoteCursor(wrapped);
        }

        if (!cursor.TryTake(EnclaveReportLayout.Size, out var qeReport)
            || !cursor.TryTake(KeyAndSignatureLength, out var qeSignature)
            || !cursor.TryReadUInt16(out var authenticationLength)
            || !cursor.TryTake(authenticationLength, out var authentication)
            || !cursor.TryReadUInt16(out var type) || !cursor.TryReadUInt32(out var certificationLength)
            || !cursor.TryTake(certificationLength, out var certification))
        {
            return QuoteParseResult.Malformed("QE report certification data ends early");
        }

        if (!cursor.AtEnd) return QuoteParseResult.Malformed("slack after the QE's certification data");
        if ((CertificationDataType)type
            is < CertificationDataType.PpidClear or > CertificationDataType.PckCertificateChain)
        {
            return QuoteParseResult.Unsupported($"certification data type {type}");
        }

        signatureData = new QuoteSignatureData
        {
            Signature = signature,
            AttestationKey = key,
            QeReport = new EnclaveReport(qeReport),
            QeReportSignature = qeSignature,
            QeAuthenticationData = authentication,
            CertificationDataType = (CertificationDataType)type,
            CertificationData = certification,
        };
        return null;
    }
}

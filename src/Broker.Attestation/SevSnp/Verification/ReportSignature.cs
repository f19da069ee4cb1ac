using System.Security.Cryptography;
using Broker.Attestation.Quotes;
using Broker.Attestation.SevSnp.Reports;

namespace Broker.Attestation.SevSnp.Verification;

/// <summary>
/// A report's signature: ECDSA with P-384 and SHA-384 over the bytes as they came. Its two numbers are little endian in
/// fields of 72 bytes, of which the curve needs 48. High-s signatures are valid; about half of all genuine ones are.
/// </summary>
internal static class ReportSignature
{
    private const int NumberLength = 48;

    /// <summary>The order of P-384 (FIPS 186-4 §D.1.2.4), big endian.</summary>
    private static readonly byte[] Order = Convert.FromHexString(
        "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973");

    public static bool Verify(SnpReport report, ECDsa leaf)
    {
        Span<byte> signature = stackalloc byte[2 * NumberLength];
        return TryRead(report, SnpReportLayout.SignatureR, signature[..NumberLength])
            && TryRead(report, SnpReportLayout.SignatureS, signature[NumberLength..])
            && leaf.VerifyData(
                report.Signed, signature, HashAlgorithmName.SHA384,
                DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    /// <summary>Whether the whole field is a number above zero and below the order.</summary>
    private static bool TryRead(SnpReport report, QuoteField field, Span<byte> number)
    {
        var encoded = field.In(report.Encoded).Span;
        encoded[..NumberLength].CopyTo(number);
        number.Reverse();
        return !encoded[NumberLength..].ContainsAnyExcept((byte)0)
            && number.ContainsAnyExcept((byte)0) && number.SequenceCompareTo(Order) < 0;
    }
}

using System.Security.Cryptography;
using Broker.Attestation.Quotes;

namespace Broker.Attestation.Verification;

/// <summary>The chain of trust inside a quote: PCK key, QE report, attestation key, signed region.</summary>
internal static class QuoteSignatures
{
    private const int HashLength = 32;

    /// <summary>
    /// Null when the platform's key vouches for the quoting enclave, that enclave is Intel's and the quote is its
    /// work.
    /// </summary>
    public static QuoteRefusal? Refuse(Quote quote, SgxCertificate pck, QeIdentity qeIdentity)
    {
        var data = quote.SignatureData;
        if (!pck.Key.VerifyRaw(data.QeReport.Encoded.Span, data.QeReportSignature.Span))
        {
            return new(QuoteRefusalReason.QeReportSignature, "QE report is not signed by the platform's PCK");
        }

        if (!BindsAttestationKey(data))
        {
            return new(QuoteRefusalReason.QeReportData, "QE report does not bind the attestation key");
        }

        if (RefuseQe(data.QeReport, qeIdentity) is { } mismatch)
        {
            return new(QuoteRefusalReason.QeIdentityMismatch, $"QE report: {mismatch} is not that of Intel's QE");
        }

        return EcdsaP256.VerifyRaw(data.AttestationKey.Span, quote.SignedRegion.Span, data.Signature.Span)
            ? null
            : new(QuoteRefusalReason.QuoteSignature, "quote is not signed by the attestation key");
    }

    /// <summary>All 64 bytes: SHA-256(attestation key, authentication data), then zeros.</summary>
    private static bool BindsAttestationKey(QuoteSignatureData data)
    {
        Span<byte> expected = stackalloc byte[2 * HashLength];
        expected.Clear();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(data.AttestationKey.Span);
        hash.AppendData(data.QeAuthenticationData.Span);
        hash.GetHashAndReset(expected);
        return data.QeReport.ReportData.Span.SequenceEqual(expected);
    }

    private static string? RefuseQe(EnclaveReport report, QeIdentity identity)
    {
        if (!EqualUnder(identity.MiscSelectMask.Span, report.MiscSelect.Span, identity.MiscSelect.Span))
        {
            return "MISCSELECT";
        }

        if (!EqualUnder(identity.AttributesMask.Span, report.Attributes.Span, identity.Attributes.Span))
        {
            return "ATTRIBUTES";
        }

        if (!report.MrSigner.Span.SequenceEqual(identity.MrSigner.Span)) return "MRSIGNER";
        if (report.IsvProdId != identity.IsvProdId) return "ISVPRODID";
        return report.IsDebug ? "DEBUG" : null;
    }

    /// <summary>As Intel compares: what the report has under the mask is the identity's value as it stands.</summary>
    private static bool EqualUnder(ReadOnlySpan<byte> mask, ReadOnlySpan<byte> actual, ReadOnlySpan<byte> expected)
    {
        for (var i = 0; i < mask.Length; i++)
        {
            if ((actual[i] & mask[i]) != expected[i]) return false;
        }

        return true;
    }
}

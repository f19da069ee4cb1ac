using System.Security.Cryptography;
using System.Text;
using Broker.Cryptography;

namespace Broker.Attestation.Evidence;

/// <summary>
/// Ties a quote to something outside it: report_data = H(tag ‖ ":" ‖ content), followed by zeros up to 64 bytes.
/// <para>
/// A tag is not an authority. Any workload may ask for a quote over any tag, or over 64 bytes of its choice, so a match
/// proves that the workload vouches for the content and nothing about who asked it to.
/// </para>
/// </summary>
public static class ReportDataBinding
{
    public const string KmsRootCaTag = "kms-root-ca";
    public const string RaTlsCertificateTag = "ratls-cert";
    public const string AppDataTag = "app-data";

    /// <summary>64 bytes to be found in a quote.</summary>
    /// <exception cref="ArgumentException">For <see cref="ReportDataHash.Raw"/>: the content has another length than
    /// 64.</exception>
    public static byte[] Compute(string tag, ReadOnlySpan<byte> content, ReportDataHash hash = ReportDataHash.Sha512)
    {
        var reportData = new byte[VersionedAttestation.ReportDataLength];
        if (hash == ReportDataHash.Raw)
        {
            if (content.Length != reportData.Length)
            {
                throw new ArgumentException(
                    $"raw report data has {reportData.Length} bytes, not {content.Length}", nameof(content));
            }

            content.CopyTo(reportData);
            return reportData;
        }

        var preimage = new byte[Encoding.UTF8.GetByteCount(tag) + 1 + content.Length];
        var tagLength = Encoding.UTF8.GetBytes(tag, preimage);
        preimage[tagLength] = (byte)':';
        content.CopyTo(preimage.AsSpan(tagLength + 1));
        Digest(hash, preimage).CopyTo(reportData, 0);
        return reportData;
    }

    /// <summary>
    /// What an RA-TLS certificate's quote is bound to: SHA-512 over the key's DER SubjectPublicKeyInfo, as it stands in
    /// the certificate.
    /// </summary>
    public static byte[] ForCertificate(ReadOnlySpan<byte> subjectPublicKeyInfo)
        => Compute(RaTlsCertificateTag, subjectPublicKeyInfo);

    private static byte[] Digest(ReportDataHash hash, byte[] preimage) => hash switch
    {
        ReportDataHash.Sha512 => SHA512.HashData(preimage),
        ReportDataHash.Sha256 => SHA256.HashData(preimage),
        ReportDataHash.Sha384 => SHA384.HashData(preimage),
        ReportDataHash.Sha3_256 => SHA3_256.HashData(preimage),
        ReportDataHash.Sha3_384 => SHA3_384.HashData(preimage),
        ReportDataHash.Sha3_512 => SHA3_512.HashData(preimage),
        ReportDataHash.Keccak256 => Keccak256.HashData(preimage),
        ReportDataHash.Keccak384 => Keccak384.HashData(preimage),
        ReportDataHash.Keccak512 => Keccak512.HashData(preimage),
        _ => throw new ArgumentOutOfRangeException(nameof(hash), hash, "not a hash"),
    };
}

using System.Security.Cryptography;
using Broker.Cryptography;

namespace Broker.Attestation.CertificateRequests;

/// <summary>
/// The signature beside a request of <c>SignCert</c>: ECDSA P-256 with SHA-256 in DER, by the request's own key, over
/// the request's bytes as they were received.
/// </summary>
public static class CsrSignature
{
    /// <summary>Says that the signer knew what it signed.</summary>
    public const string ConfirmWord = "please sign cert:";

    private const string P256 = "1.2.840.10045.3.1.7";

    /// <summary>
    /// Null when the signature holds and the confirm word is right; otherwise why not. The signature is asked before
    /// the word, as in the reference.
    /// </summary>
    public static string? Verify(
        string confirm, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> csr, ReadOnlySpan<byte> signature)
    {
        using var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(publicKey, out var read);
            if (read != publicKey.Length) return "Failed to parse pubkey: trailing bytes";
            // A curve that is written out as numbers has no name, not even an empty one.
            var curve = key.ExportParameters(false).Curve;
            if (!curve.IsNamed || curve.Oid?.Value != P256) return "Unsupported algorithm";
        }
        catch (CryptographicException)
        {
            return "Failed to parse pubkey: not the SubjectPublicKeyInfo of an EC key";
        }
        catch (NotSupportedException)
        {
            return "Unsupported algorithm"; // a curve that this platform lacks
        }

        if (!EcdsaSignatureDer.TryReadPair(signature, out var pair) || !Es256.Verify(key, csr, pair))
            return "Invalid signature";

        return confirm == ConfirmWord ? null : "Invalid confirm word";
    }

    /// <summary>What a guest sends beside its request.</summary>
    public static byte[] Sign(ECDsa key, ReadOnlySpan<byte> csr)
        => key.SignData(csr.ToArray(), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
}

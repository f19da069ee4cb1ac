using System.Security.Cryptography;

namespace Broker.Attestation.Verification;

/// <summary>
/// ECDSA with P-256 and SHA-256, the one algorithm of the SGX hierarchy. A point off the curve, a signature of the
/// wrong length or a malformed one is "not valid", never an exception. High-s signatures are valid (FIPS 186-5).
/// </summary>
internal static class EcdsaP256
{
    /// <summary>A public key or a raw signature: two numbers of 32 bytes, big-endian.</summary>
    public const int PairLength = 64;

    /// <summary>Checks a signature written as r then s, as quotes and collateral carry them.</summary>
    /// <param name="publicKey">x then y.</param>
    public static bool VerifyRaw(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
        => signature.Length == PairLength
            && Verify(publicKey, signed, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    /// <summary>Checks a signature written as a DER <c>ECDSA-Sig-Value</c>, as certificates and CRLs carry them.</summary>
    /// <param name="publicKey">x then y.</param>
    public static bool VerifyDer(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
        => Verify(publicKey, signed, signature, DSASignatureFormat.Rfc3279DerSequence);

    private static bool Verify(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature, DSASignatureFormat format)
    {
        if (publicKey.Length != PairLength) return false;
        try
        {
            using var key = ECDsa.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = publicKey[..32].ToArray(), Y = publicKey[32..].ToArray() },
            });
            return key.VerifyData(signed, signature, HashAlgorithmName.SHA256, format);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}

using System.Security.Cryptography;
using Broker.Cryptography;

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
    {
        using var key = TryOpen(publicKey);
        return key is not null && Verify(key, signed, signature);
    }

    /// <summary>The framework's key; null when the point is not on the curve.</summary>
    /// <param name="publicKey">x then y.</param>
    public static ECDsa? TryOpen(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != PairLength) return null;
        try
        {
            return ECDsa.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = publicKey[..32].ToArray(), Y = publicKey[32..].ToArray() },
            });
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Checks a signature written as r then s.</summary>
    public static bool Verify(ECDsa key, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        try
        {
            return Es256.Verify(key, signed, signature);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}

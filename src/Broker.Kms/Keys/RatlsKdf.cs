using System.Security.Cryptography;

namespace Broker.Kms.Keys;

/// <summary>
/// The derivation under every secret of the KMS (kms-protocol §4.1): HKDF-SHA256 with the salt <c>RATLS</c>, whose
/// info is the contexts one after another, without separators. Never change it: the keys of running apps hang on it.
/// </summary>
internal static class RatlsKdf
{
    public static byte[] Derive(ReadOnlySpan<byte> keyMaterial, int length, params ReadOnlySpan<byte[]> contexts)
    {
        var info = new List<byte>();
        foreach (var context in contexts) info.AddRange(context);

        var derived = new byte[length];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, keyMaterial, derived, "RATLS"u8, info.ToArray());
        return derived;
    }

    /// <summary>A child key whose scalar is the derived 32 bytes as they are.</summary>
    /// <exception cref="CryptographicException">The bytes are not a scalar (probability below 2⁻³²).</exception>
    public static P256PrivateKey DeriveP256(P256PrivateKey parent, params ReadOnlySpan<byte[]> contexts)
    {
        var scalar = Derive(parent.Scalar, 32, contexts);
        try
        {
            return P256PrivateKey.FromScalar(scalar);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
        }
    }

    /// <summary>32 secret bytes: the SHA-256 of the derived child key's PKCS#8 DER.</summary>
    public static byte[] DeriveSecret(P256PrivateKey parent, params ReadOnlySpan<byte[]> contexts)
    {
        var pkcs8 = DeriveP256(parent, contexts).ToPkcs8();
        try
        {
            return SHA256.HashData(pkcs8);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }
}

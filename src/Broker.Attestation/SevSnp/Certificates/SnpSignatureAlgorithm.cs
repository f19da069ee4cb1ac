using System.Security.Cryptography;

namespace Broker.Attestation.SevSnp.Certificates;

/// <summary>
/// The one algorithm of AMD's hierarchy: RSASSA-PSS with SHA-384, MGF1 with SHA-384, a salt of 48 bytes. Held against
/// its encodings byte by byte, since the framework would take other paddings, hashes and salts as well.
/// </summary>
internal static class SnpSignatureAlgorithm
{
    /// <summary>AMD's leaves and CRLs.</summary>
    private static readonly byte[] WithoutTrailer = Convert.FromHexString(
        "304106092a864886f70d01010a3034a00f300d06096086480165030402020500"
        + "a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130");

    /// <summary>AMD's authorities, which write the default trailer field out.</summary>
    private static readonly byte[] WithTrailer = Convert.FromHexString(
        "304606092a864886f70d01010a3039a00f300d06096086480165030402020500"
        + "a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130a303020101");

    /// <summary>The algorithm as AMD's leaves name it.</summary>
    public static ReadOnlyMemory<byte> Encoded => WithoutTrailer;

    /// <summary>Whether an encoded AlgorithmIdentifier names the algorithm.</summary>
    public static bool Is(ReadOnlySpan<byte> encoded)
        => encoded.SequenceEqual(WithoutTrailer) || encoded.SequenceEqual(WithTrailer);

    /// <summary>Whether the key made the signature. The framework demands a salt as long as the hash.</summary>
    public static bool Verify(RSA key, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        try
        {
            return key.VerifyData(signed, signature, HashAlgorithmName.SHA384, RSASignaturePadding.Pss);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}

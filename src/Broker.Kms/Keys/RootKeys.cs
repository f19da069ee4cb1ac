using System.Security.Cryptography;
using Broker.Cryptography;

namespace Broker.Kms.Keys;

/// <summary>
/// The two secrets that every replica of one KMS shares and every app's keys come from, and the temp CA's key, which
/// is handed out to whoever asks.
/// </summary>
internal sealed record RootKeys(P256PrivateKey Ca, P256PrivateKey TempCa, Secp256k1PrivateKey K256)
{
    /// <summary>A fresh set from the system's random generator: a new KMS, not a replica.</summary>
    public static RootKeys Generate() =>
        new(P256PrivateKey.Generate(), P256PrivateKey.Generate(), Secp256k1PrivateKey.Generate());

    /// <summary>Reads 32 raw bytes as the secp256k1 root.</summary>
    /// <exception cref="CryptographicException">They are not a scalar of the curve.</exception>
    public static Secp256k1PrivateKey ReadK256(ReadOnlySpan<byte> scalar) =>
        Secp256k1PrivateKey.TryFromBytes(scalar, out var key)
            ? key
            : throw new CryptographicException("not a secp256k1 private key of 32 bytes");

    /// <summary>The 33-byte compressed public key, under which the KMS's signatures recover.</summary>
    public byte[] K256PublicKey => K256.PublicKey.ToCompressed();

    /// <summary>The secp256k1 scalar's 32 bytes; the caller wipes them.</summary>
    public byte[] ExportK256()
    {
        var scalar = new byte[Secp256k1.PrivateKeySize];
        K256.ExportTo(scalar);
        return scalar;
    }
}

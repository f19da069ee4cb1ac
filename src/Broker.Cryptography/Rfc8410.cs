using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Broker.Cryptography;

/// <summary>
/// Ed25519 keys in the files that OpenSSL reads and writes (RFC 8410): PKCS#8 for the seed, SubjectPublicKeyInfo for
/// the public key, each in one PEM block. By hand, because NSec refuses the form with attributes of RFC 8410 §10.3.
/// </summary>
internal static class Rfc8410
{
    private const string Ed25519Oid = "1.3.101.112";
    private const string PrivateKeyLabel = "PRIVATE KEY";
    private const string PublicKeyLabel = "PUBLIC KEY";

    // No key file of this kind is longer; OpenSSL's has 119 characters.
    private const int LongestPem = 4096;

    /// <summary>Writes the 32 bytes of the seed into <paramref name="seed"/>.</summary>
    /// <exception cref="CryptographicException">Says what was found instead of an Ed25519 private key.</exception>
    public static void ReadPrivateKey(ReadOnlySpan<char> pem, Span<byte> seed)
    {
        if (!TryReadBlock(pem, PrivateKeyLabel, out var der))
        {
            throw new CryptographicException("no -----BEGIN PRIVATE KEY----- block (unencrypted PKCS#8)");
        }

        try
        {
            ReadOneAsymmetricKey(der, seed);
        }
        catch (AsnContentException notDer)
        {
            throw new CryptographicException("the PRIVATE KEY block does not hold a PKCS#8 key", notDer);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }

    /// <summary>The 32 bytes of an Ed25519 public key; false for anything else.</summary>
    public static bool TryReadPublicKey(ReadOnlySpan<char> pem, out byte[] key)
    {
        key = [];
        if (!TryReadBlock(pem, PublicKeyLabel, out var der)) return false;
        try
        {
            var outer = new AsnReader(der, AsnEncodingRules.DER);
            var info = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            if (!IsEd25519(info.ReadSequence())) return false;
            key = info.ReadBitString(out var unused);
            info.ThrowIfNotEmpty();
            return unused == 0 && key.Length == Ed25519VerifyingKey.SizeInBytes;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    public static string WritePrivateKey(ReadOnlySpan<byte> seed)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(0);
            WriteAlgorithm(writer);
            // The seed is an OCTET STRING inside the OCTET STRING (RFC 8410 §7).
            using (writer.PushOctetString()) writer.WriteOctetString(seed);
        }

        return WriteBlock(PrivateKeyLabel, writer);
    }

    public static string WritePublicKey(ReadOnlySpan<byte> key)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            WriteAlgorithm(writer);
            writer.WriteBitString(key);
        }

        return WriteBlock(PublicKeyLabel, writer);
    }

    private static void ReadOneAsymmetricKey(byte[] der, Span<byte> seed)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var info = outer.ReadSequence();
        outer.ThrowIfNotEmpty();

        // Version 1 carries attributes and the public key behind the seed; they are not needed here.
        _ = info.ReadInteger();
        if (!IsEd25519(info.ReadSequence()))
        {
            throw new CryptographicException("the PRIVATE KEY block is not an Ed25519 key");
        }

        // DER knows only the primitive form, which is read in place: no copy of the seed to wipe.
        if (!info.TryReadPrimitiveOctetString(out var wrapped)) throw new AsnContentException();
        var inner = new AsnReader(wrapped, AsnEncodingRules.DER);
        if (!inner.TryReadOctetString(seed, out var length) || length != seed.Length)
        {
            throw new CryptographicException("the Ed25519 key in the PRIVATE KEY block does not have 32 bytes");
        }

        inner.ThrowIfNotEmpty();
    }

    private static bool IsEd25519(AsnReader algorithm)
    {
        var isEd25519 = algorithm.ReadObjectIdentifier() == Ed25519Oid;
        return isEd25519 && !algorithm.HasData;
    }

    private static void WriteAlgorithm(AsnWriter writer)
    {
        using (writer.PushSequence()) writer.WriteObjectIdentifier(Ed25519Oid);
    }

    private static bool TryReadBlock(ReadOnlySpan<char> pem, string label, out byte[] der)
    {
        der = [];
        if (pem.Length > LongestPem || !PemEncoding.TryFind(pem, out var found)) return false;
        if (!pem[found.Label].SequenceEqual(label)) return false;
        der = new byte[found.DecodedDataLength];
        return Convert.TryFromBase64Chars(pem[found.Base64Data], der, out _);
    }

    private static string WriteBlock(string label, AsnWriter writer)
    {
        var der = writer.Encode();
        try
        {
            return PemEncoding.WriteString(label, der) + "\n";
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }
}

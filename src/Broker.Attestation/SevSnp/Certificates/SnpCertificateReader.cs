using System.Formats.Asn1;
using System.Security.Cryptography;
using Broker.Attestation.Verification;

namespace Broker.Attestation.SevSnp.Certificates;

/// <summary>Reads X.509 certificates (RFC 5280 §4.1) for AMD's hierarchy.</summary>
internal static class SnpCertificateReader
{
    /// <summary>AMD's have some 1700 bytes.</summary>
    public const int MaxLength = 8 * 1024;

    private const string RsaEncryption = "1.2.840.113549.1.1.1";
    private const string EcPublicKey = "1.2.840.10045.2.1";
    private const string NistP384 = "1.3.132.0.34";
    private const int P384PointLength = 97;
    private const byte Uncompressed = 0x04;

    /// <summary>
    /// Null when the bytes are not one DER certificate of version 3 without anything after it, are too long, or name an
    /// extension twice.
    /// </summary>
    public static SnpCertificate? TryRead(ReadOnlyMemory<byte> encoded)
    {
        if (encoded.Length > MaxLength) return null;
        try
        {
            return Read(encoded);
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    private static SnpCertificate? Read(ReadOnlyMemory<byte> encoded)
    {
        var outer = new AsnReader(encoded, AsnEncodingRules.DER);
        var certificate = outer.ReadSequence();
        outer.ThrowIfNotEmpty();

        var toBeSigned = certificate.PeekEncodedValue();
        var tbs = certificate.ReadSequence();
        var algorithm = certificate.ReadEncodedValue();
        var signature = certificate.ReadBitString(out var unusedBits);
        certificate.ThrowIfNotEmpty();
        if (unusedBits != 0 || !IsVersion3(tbs)) return null;

        var serial = tbs.ReadIntegerBytes();
        var signedAlgorithm = tbs.ReadEncodedValue();
        var issuer = tbs.ReadEncodedValue();
        var validity = tbs.ReadSequence();
        var notBefore = SgxCertificateReader.ReadTime(validity);
        var notAfter = SgxCertificateReader.ReadTime(validity);
        validity.ThrowIfNotEmpty();
        var subject = tbs.ReadEncodedValue();
        var key = ReadPublicKey(tbs.ReadSequence());
        if (SgxCertificateReader.ReadExtensions(tbs) is not { } extensions) return null;

        return new SnpCertificate
        {
            Encoded = encoded,
            ToBeSigned = toBeSigned,
            Algorithm = algorithm,
            SignedAlgorithm = signedAlgorithm,
            Signature = signature,
            SerialNumber = serial,
            Issuer = issuer,
            Subject = subject,
            NotBefore = notBefore,
            NotAfter = notAfter,
            Key = key,
            Extensions = extensions,
        };
    }

    private static bool IsVersion3(AsnReader tbs)
    {
        var tag = new Asn1Tag(TagClass.ContextSpecific, 0);
        if (!tbs.PeekTag().HasSameClassAndValue(tag)) return false;
        var wrapper = tbs.ReadSequence(tag);
        var isVersion3 = wrapper.TryReadInt32(out var version) && version == 2;
        wrapper.ThrowIfNotEmpty();
        return isVersion3;
    }

    private static SnpPublicKey ReadPublicKey(AsnReader info)
    {
        var algorithm = info.ReadSequence();
        var bits = info.ReadBitString(out var unusedBits);
        info.ThrowIfNotEmpty();
        var kind = unusedBits == 0 ? algorithm.ReadObjectIdentifier() : "";
        if (kind == RsaEncryption)
        {
            algorithm.ReadNull();
            algorithm.ThrowIfNotEmpty();
            var numbers = new AsnReader(bits, AsnEncodingRules.DER).ReadSequence();
            var modulus = Unsigned(numbers.ReadIntegerBytes());
            var exponent = Unsigned(numbers.ReadIntegerBytes());
            numbers.ThrowIfNotEmpty();
            return new SnpPublicKey(new RSAParameters { Modulus = modulus, Exponent = exponent }, null);
        }

        var isP384 = kind == EcPublicKey && algorithm.ReadObjectIdentifier() == NistP384 && !algorithm.HasData
            && bits.Length == P384PointLength && bits[0] == Uncompressed;
        return isP384 ? new SnpPublicKey(null, bits.AsMemory(1)) : new SnpPublicKey(null, null);
    }

    /// <summary>An INTEGER's content without the zero byte that only keeps it positive.</summary>
    private static byte[] Unsigned(ReadOnlyMemory<byte> integer)
        => (integer.Length > 1 && integer.Span[0] == 0 ? integer[1..] : integer).ToArray();
}

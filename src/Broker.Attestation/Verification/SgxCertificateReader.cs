using System.Collections.Immutable;
using System.Formats.Asn1;

namespace Broker.Attestation.Verification;

/// <summary>Reads X.509 certificates (RFC 5280 §4.1) of the SGX hierarchy's one shape.</summary>
internal static class SgxCertificateReader
{
    public const string EcdsaWithSha256 = "1.2.840.10045.4.3.2";

    private const string EcPublicKey = "1.2.840.10045.2.1";
    private const string NistP256 = "1.2.840.10045.3.1.7";
    private const string CommonNameOid = "2.5.4.3";
    private const byte Uncompressed = 0x04;

    /// <summary>
    /// Null when the bytes are not one DER certificate without anything after it, or have another algorithm or curve,
    /// or name an extension twice.
    /// </summary>
    public static SgxCertificate? TryRead(ReadOnlyMemory<byte> encoded)
    {
        try
        {
            return Read(encoded);
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    private static SgxCertificate? Read(ReadOnlyMemory<byte> encoded)
    {
        var outer = new AsnReader(encoded, AsnEncodingRules.DER);
        var certificate = outer.ReadSequence();
        outer.ThrowIfNotEmpty();

        var toBeSigned = certificate.PeekEncodedValue();
        var tbs = certificate.ReadSequence();
        if (!TryReadEcdsaWithSha256(certificate)) return null;
        var signature = certificate.ReadBitString(out var unusedBits);
        certificate.ThrowIfNotEmpty();
        if (unusedBits != 0) return null;

        var version = ReadVersion(tbs);
        var serial = tbs.ReadIntegerBytes();
        if (!TryReadEcdsaWithSha256(tbs)) return null;
        var issuer = tbs.ReadEncodedValue();
        var validity = tbs.ReadSequence();
        var notBefore = ReadTime(validity);
        var notAfter = ReadTime(validity);
        validity.ThrowIfNotEmpty();
        var subject = tbs.ReadEncodedValue();
        if (ReadPublicKey(tbs) is not { } publicKey) return null;
        if (ReadExtensions(tbs) is not { } extensions) return null;

        return new SgxCertificate
        {
            Encoded = encoded,
            ToBeSigned = toBeSigned,
            Signature = signature,
            Version = version,
            SerialNumber = serial,
            Issuer = issuer,
            Subject = subject,
            CommonName = ReadCommonName(subject),
            NotBefore = notBefore,
            NotAfter = notAfter,
            PublicKey = publicKey,
            Extensions = extensions,
        };
    }

    /// <summary>An AlgorithmIdentifier of exactly ecdsa-with-SHA256, which has no parameters (RFC 5758 §3.2).</summary>
    public static bool TryReadEcdsaWithSha256(AsnReader reader)
    {
        var algorithm = reader.ReadSequence();
        return algorithm.ReadObjectIdentifier() == EcdsaWithSha256 && !algorithm.HasData;
    }

    /// <summary>A Time of RFC 5280: UTCTime until 2049, GeneralizedTime after.</summary>
    public static DateTimeOffset ReadTime(AsnReader reader)
        => reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime)
            ? reader.ReadUtcTime()
            : reader.ReadGeneralizedTime();

    /// <summary>
    /// Extensions inside their explicit tag: null when one is named twice, empty when there are none.
    /// </summary>
    public static ImmutableArray<CertificateExtension>? ReadExtensionList(AsnReader list)
    {
        var extensions = ImmutableArray.CreateBuilder<CertificateExtension>();
        while (list.HasData)
        {
            var entry = list.ReadSequence();
            var oid = entry.ReadObjectIdentifier();
            var critical = entry.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && entry.ReadBoolean();
            var value = entry.ReadOctetString();
            entry.ThrowIfNotEmpty();
            foreach (var earlier in extensions)
            {
                if (earlier.Oid == oid) return null;
            }

            extensions.Add(new CertificateExtension(oid, critical, value));
        }

        return extensions.ToImmutable();
    }

    private static int ReadVersion(AsnReader tbs)
    {
        var tag = new Asn1Tag(TagClass.ContextSpecific, 0);
        if (!tbs.PeekTag().HasSameClassAndValue(tag)) return 1;
        var wrapper = tbs.ReadSequence(tag);
        if (!wrapper.TryReadInt32(out var version)) return 0;
        wrapper.ThrowIfNotEmpty();
        return version is >= 0 and <= 2 ? version + 1 : 0;
    }

    private static ReadOnlyMemory<byte>? ReadPublicKey(AsnReader tbs)
    {
        var info = tbs.ReadSequence();
        var algorithm = info.ReadSequence();
        if (algorithm.ReadObjectIdentifier() != EcPublicKey || algorithm.ReadObjectIdentifier() != NistP256)
        {
            return null;
        }

        algorithm.ThrowIfNotEmpty();
        var point = info.ReadBitString(out var unusedBits);
        info.ThrowIfNotEmpty();
        if (unusedBits != 0 || point.Length != 1 + EcdsaP256.PairLength || point[0] != Uncompressed) return null;
        return point.AsMemory(1);
    }

    /// <summary>
    /// The last part of a certificate's body. Null when one is named twice or something else stands there, empty when
    /// there are none.
    /// </summary>
    public static ImmutableArray<CertificateExtension>? ReadExtensions(AsnReader tbs)
    {
        var tag = new Asn1Tag(TagClass.ContextSpecific, 3);
        if (!tbs.HasData) return [];
        if (!tbs.PeekTag().HasSameClassAndValue(tag)) return null;

        var wrapper = tbs.ReadSequence(tag);
        tbs.ThrowIfNotEmpty();
        var list = wrapper.ReadSequence();
        wrapper.ThrowIfNotEmpty();
        return ReadExtensionList(list);
    }

    private static string? ReadCommonName(ReadOnlyMemory<byte> name)
    {
        string? found = null;
        var rdns = new AsnReader(name, AsnEncodingRules.DER).ReadSequence();
        while (rdns.HasData)
        {
            var rdn = rdns.ReadSetOf();
            while (rdn.HasData)
            {
                var attribute = rdn.ReadSequence();
                if (attribute.ReadObjectIdentifier() != CommonNameOid) continue;
                if (found is not null) return null;
                var type = (UniversalTagNumber)attribute.PeekTag().TagValue;
                if (type is not (UniversalTagNumber.UTF8String or UniversalTagNumber.PrintableString)) return null;
                found = attribute.ReadCharacterString(type);
            }
        }

        return found;
    }
}

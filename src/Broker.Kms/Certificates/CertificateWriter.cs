using System.Formats.Asn1;
using System.Security.Cryptography;
using Broker.Kms.Keys;

namespace Broker.Kms.Certificates;

/// <summary>
/// Writes X.509 v3 certificates, ecdsa-with-SHA256, byte for byte as kms-protocol §4.4 lays them out (the framework's
/// own builder orders and encodes some parts in its own way).
/// </summary>
internal static class CertificateWriter
{
    private const string EcdsaWithSha256 = "1.2.840.10045.4.3.2";

    /// <summary>
    /// Signs <paramref name="template"/> with <paramref name="issuerKey"/> in the name of <paramref name="issuer"/>.
    /// </summary>
    /// <returns>The certificate's DER.</returns>
    public static byte[] Issue(CertificateTemplate template, DistinguishedName issuer, P256PrivateKey issuerKey)
    {
        var toBeSigned = ToBeSigned(template, issuer);
        var der = new AsnWriter(AsnEncodingRules.DER);
        using (der.PushSequence())
        {
            der.WriteEncodedValue(toBeSigned);
            WriteSignatureAlgorithm(der);
            der.WriteBitString(issuerKey.Sign(toBeSigned));
        }

        return der.Encode();
    }

    private static byte[] ToBeSigned(CertificateTemplate template, DistinguishedName issuer)
    {
        var der = new AsnWriter(AsnEncodingRules.DER);
        using (der.PushSequence())
        {
            var explicitVersion = new Asn1Tag(TagClass.ContextSpecific, 0);
            using (der.PushSequence(explicitVersion)) der.WriteInteger(2);
            der.WriteIntegerUnsigned(SerialNumber(template.SubjectPublicKeyInfo));
            WriteSignatureAlgorithm(der);
            der.WriteEncodedValue(issuer.ToDer());
            using (der.PushSequence())
            {
                WriteTime(der, template.NotBefore);
                WriteTime(der, template.NotAfter);
            }

            der.WriteEncodedValue(template.Subject.ToDer());
            der.WriteEncodedValue(template.SubjectPublicKeyInfo);
            var explicitExtensions = new Asn1Tag(TagClass.ContextSpecific, 3);
            using (der.PushSequence(explicitExtensions))
            using (der.PushSequence()) CertificateExtensions.Write(der, template);
        }

        return der.Encode();
    }

    /// <summary>
    /// The first 20 bytes of the SHA-256 of the certified key's point, top bit cleared. A key that is certified again
    /// keeps its serial; certificates of one key differ in their validity only.
    /// </summary>
    private static ReadOnlySpan<byte> SerialNumber(byte[] subjectPublicKeyInfo)
    {
        var point = subjectPublicKeyInfo.AsSpan()[^65..];
        var serial = SHA256.HashData(point).AsSpan(0, 20);
        serial[0] &= 0x7f;
        return serial.TrimStart((byte)0);
    }

    private static void WriteSignatureAlgorithm(AsnWriter der)
    {
        using (der.PushSequence()) der.WriteObjectIdentifier(EcdsaWithSha256);
    }

    /// <summary>UTCTime up to 2049 and GeneralizedTime from 2050 (RFC 5280 §4.1.2.5).</summary>
    private static void WriteTime(AsnWriter der, DateTimeOffset time)
    {
        if (time.UtcDateTime.Year is >= 1950 and < 2050) der.WriteUtcTime(time, 2049);
        else der.WriteGeneralizedTime(time, omitFractionalSeconds: true);
    }
}

using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Broker.Attestation.RaTls;

namespace Broker.Kms.Certificates;

/// <summary>
/// The extensions of kms-protocol §4.4, in its order; each is left out when the template does not ask for it.
/// </summary>
internal static class CertificateExtensions
{
    private const string SubjectAlternativeName = "2.5.29.17";
    private const string KeyUsage = "2.5.29.15";
    private const string ExtendedKeyUsage = "2.5.29.37";
    private const string SubjectKeyIdentifier = "2.5.29.14";
    private const string BasicConstraints = "2.5.29.19";
    private const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuth = "1.3.6.1.5.5.7.3.2";

    public static void Write(AsnWriter der, CertificateTemplate template)
    {
        if (template.AlternativeNames.Count > 0)
            WriteExtension(der, SubjectAlternativeName, critical: false, AlternativeNames(template.AlternativeNames));

        WriteExtension(der, KeyUsage, critical: true, KeyUsages(isCa: template.CaPathLength is not null));

        if (template.ServerAuth || template.ClientAuth)
            WriteExtension(der, ExtendedKeyUsage, critical: false, ExtendedKeyUsages(template));

        if (template.CaPathLength is { } pathLength)
        {
            var keyIdentifier = SHA256.HashData(template.SubjectPublicKeyInfo)[..20];
            WriteExtension(der, SubjectKeyIdentifier, critical: false, OctetString(keyIdentifier));
            WriteExtension(der, BasicConstraints, critical: true, CaConstraints(pathLength));
        }

        WritePrivate(der, RaTlsOid.AppId, template.AppId);
        WritePrivate(der, RaTlsOid.AppInfo, template.AppInfo);
        if (template.Usage is { } usage) WritePrivate(der, RaTlsOid.CertificateUsage, Encoding.UTF8.GetBytes(usage));
        WritePrivate(der, RaTlsOid.Attestation, template.Attestation);
    }

    /// <summary>A private extension's payload is an OCTET STRING within the extension's own OCTET STRING.</summary>
    private static void WritePrivate(AsnWriter der, string oid, byte[]? payload)
    {
        if (payload is not null) WriteExtension(der, oid, critical: false, OctetString(payload));
    }

    private static void WriteExtension(AsnWriter der, string oid, bool critical, byte[] value)
    {
        using (der.PushSequence())
        {
            der.WriteObjectIdentifier(oid);
            if (critical) der.WriteBoolean(true);
            der.WriteOctetString(value);
        }
    }

    private static byte[] AlternativeNames(IReadOnlyList<string> names)
    {
        var dnsName = new Asn1Tag(TagClass.ContextSpecific, 2);
        var ipAddress = new Asn1Tag(TagClass.ContextSpecific, 7);
        var der = new AsnWriter(AsnEncodingRules.DER);
        using (der.PushSequence())
        {
            foreach (var name in names)
            {
                if (IPAddress.TryParse(name, out var address))
                    der.WriteOctetString(address.GetAddressBytes(), ipAddress);
                else
                    der.WriteCharacterString(UniversalTagNumber.IA5String, name, dnsName);
            }
        }

        return der.Encode();
    }

    private static byte[] KeyUsages(bool isCa)
    {
        const byte digitalSignature = 0x80, certSignAndCrlSign = 0x06;
        var der = new AsnWriter(AsnEncodingRules.DER);
        if (isCa) der.WriteBitString([digitalSignature | certSignAndCrlSign], unusedBitCount: 1);
        else der.WriteBitString([digitalSignature], unusedBitCount: 7);
        return der.Encode();
    }

    private static byte[] ExtendedKeyUsages(CertificateTemplate template)
    {
        var der = new AsnWriter(AsnEncodingRules.DER);
        using (der.PushSequence())
        {
            if (template.ServerAuth) der.WriteObjectIdentifier(ServerAuth);
            if (template.ClientAuth) der.WriteObjectIdentifier(ClientAuth);
        }

        return der.Encode();
    }

    private static byte[] CaConstraints(int pathLength)
    {
        var der = new AsnWriter(AsnEncodingRules.DER);
        using (der.PushSequence())
        {
            der.WriteBoolean(true);
            der.WriteInteger(pathLength);
        }

        return der.Encode();
    }

    private static byte[] OctetString(byte[] value)
    {
        var der = new AsnWriter(AsnEncodingRules.DER);
        der.WriteOctetString(value);
        return der.Encode();
    }
}

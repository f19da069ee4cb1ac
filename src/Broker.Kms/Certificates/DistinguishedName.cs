using System.Formats.Asn1;

namespace Broker.Kms.Certificates;

/// <summary>
/// A certificate name of the two attributes that the KMS uses, in the order O, CN, each in its own set, as
/// UTF8String. The bytes matter: path building compares names byte by byte, and replicas must agree on them.
/// </summary>
internal sealed record DistinguishedName(string? Organization, string CommonName)
{
    public static readonly DistinguishedName RootCa = new("Dstack", "Dstack KMS CA");
    public static readonly DistinguishedName TempCa = new("Dstack", "Dstack Client Temp CA");
    public static readonly DistinguishedName AppCa = new("Dstack", "Dstack App CA");
    public static readonly DistinguishedName RaTlsClient = new(null, "RA-TLS TEMP Cert");

    private const string OrganizationOid = "2.5.4.10";
    private const string CommonNameOid = "2.5.4.3";

    public byte[] ToDer()
    {
        var der = new AsnWriter(AsnEncodingRules.DER);
        using (der.PushSequence())
        {
            if (Organization is not null) WriteAttribute(der, OrganizationOid, Organization);
            WriteAttribute(der, CommonNameOid, CommonName);
        }

        return der.Encode();
    }

    private static void WriteAttribute(AsnWriter der, string oid, string value)
    {
        using (der.PushSetOf())
        using (der.PushSequence())
        {
            der.WriteObjectIdentifier(oid);
            der.WriteCharacterString(UniversalTagNumber.UTF8String, value);
        }
    }
}

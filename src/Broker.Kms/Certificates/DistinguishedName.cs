using System.Formats.Asn1;

namespace Broker.Kms.Certificates;

/// <summary>
/// A certificate name of the two attributes that the KMS uses, in the order O, CN, each in its own set, as
/// UTF8String. The bytes matter: path building compares names byte by byte, and replicas must agree on them.
/// </summary>
internal sealed record DistinguishedName(string? Organization, string CommonName)
{
    /// <summary>X.520 ub-common-name, as RFC 5280 appendix A.1 has it.</summary>
    public const int LongestCommonName = 64;

    public static readonly DistinguishedName RootCa = new("Dstack", "Dstack KMS CA");
    public static readonly DistinguishedName TempCa = new("Dstack", "Dstack Client Temp CA");
    public static readonly DistinguishedName AppCa = new("Dstack", "Dstack App CA");
    public static readonly DistinguishedName RaTlsClient = new(null, "RA-TLS TEMP Cert");

    /// <summary>For a KMS whose domain is too long for a common name. It is no host's.</summary>
    private const string RpcOfALongDomain = "Dstack KMS RPC";

    private const string OrganizationOid = "2.5.4.10";
    private const string CommonNameOid = "2.5.4.3";

    /// <summary>The name of the KMS's own certificate. Clients go by its subject alternative name.</summary>
    public static DistinguishedName Rpc(string domain) =>
        new(null, domain.Length <= LongestCommonName ? domain : RpcOfALongDomain);

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

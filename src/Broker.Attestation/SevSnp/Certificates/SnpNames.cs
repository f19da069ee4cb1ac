using System.Formats.Asn1;
using Broker.Attestation.SevSnp.Reports;

namespace Broker.Attestation.SevSnp.Certificates;

/// <summary>The encoded names of AMD's hierarchy: they differ in the common name only.</summary>
internal static class SnpNames
{
    private static readonly (string Oid, string Value)[] Common =
    [
        ("2.5.4.11", "Engineering"), (CountryOid, "US"), ("2.5.4.7", "Santa Clara"), ("2.5.4.8", "CA"),
        ("2.5.4.10", "Advanced Micro Devices"),
    ];

    private const string CountryOid = "2.5.4.6";
    private const string CommonNameOid = "2.5.4.3";

    public static byte[] Root(ProcessorFamily family) => Encode($"ARK-{family}");

    /// <summary>The intermediate that issues leaves for such keys: ASK for VCEKs, ASVK for VLEKs.</summary>
    public static byte[] Intermediate(ProcessorFamily family, SnpSigningKey key)
        => Encode(key == SnpSigningKey.Vlek ? $"SEV-VLEK-{family}" : $"SEV-{family}");

    public static byte[] Leaf(SnpSigningKey key) => Encode(key == SnpSigningKey.Vlek ? "SEV-VLEK" : "SEV-VCEK");

    private static byte[] Encode(string commonName)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (var (oid, value) in Common) WriteAttribute(writer, oid, value);
            WriteAttribute(writer, CommonNameOid, commonName);
        }

        return writer.Encode();
    }

    private static void WriteAttribute(AsnWriter writer, string oid, string value)
    {
        using (writer.PushSetOf())
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            writer.WriteCharacterString(
                oid == CountryOid ? UniversalTagNumber.PrintableString : UniversalTagNumber.UTF8String, value);
        }
    }
}

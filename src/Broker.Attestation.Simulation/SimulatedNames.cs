using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Broker.Attestation.Simulation;

/// <summary>The distinguished names of the SGX hierarchy, encoded as Intel encodes them: CN, O, L, ST, C.</summary>
internal static class SimulatedNames
{
    public static readonly X500DistinguishedName Root = Of("Intel SGX Root CA");
    public static readonly X500DistinguishedName PlatformCa = Of("Intel SGX PCK Platform CA");
    public static readonly X500DistinguishedName Pck = Of("Intel SGX PCK Certificate");
    public static readonly X500DistinguishedName TcbSigning = Of("Intel SGX TCB Signing");

    private static X500DistinguishedName Of(string commonName)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            Write(writer, "2.5.4.3", commonName, UniversalTagNumber.UTF8String);
            Write(writer, "2.5.4.10", "Simulated Corporation", UniversalTagNumber.UTF8String);
            Write(writer, "2.5.4.7", "Laptop", UniversalTagNumber.UTF8String);
            Write(writer, "2.5.4.8", "CA", UniversalTagNumber.UTF8String);
            Write(writer, "2.5.4.6", "US", UniversalTagNumber.PrintableString);
        }

        return new X500DistinguishedName(writer.Encode());
    }

    private static void Write(AsnWriter writer, string oid, string value, UniversalTagNumber type)
    {
        using (writer.PushSetOf())
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            writer.WriteCharacterString(type, value);
        }
    }
}

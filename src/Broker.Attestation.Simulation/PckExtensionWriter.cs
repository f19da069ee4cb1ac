using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using Broker.Attestation.Verification;

namespace Broker.Attestation.Simulation;

/// <summary>Writes the SGX extension of a PCK certificate with the seven items of the Platform CA.</summary>
internal static class PckExtensionWriter
{
    public const ushort PceSvn = 13;

    public static X509Extension Write(SimulatedPlatform platform)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            Item(writer, "1", () => writer.WriteOctetString(platform.Ppid.Span));
            Item(writer, "2", () => WriteTcb(writer, platform.SgxTcbComponents));
            Item(writer, "3", () => writer.WriteOctetString([0, 0]));
            Item(writer, "4", () => writer.WriteOctetString(platform.Family.Span));
            Item(writer, "5", () => writer.WriteEnumeratedValue(SgxType.Scalable));
            Item(writer, "6", () => writer.WriteOctetString(platform.Ppid.Span));
            Item(writer, "7", () => WriteConfiguration(writer));
        }

        return new X509Extension(PckExtensionReader.Oid, writer.Encode(), critical: false);
    }

    private static void WriteTcb(AsnWriter writer, byte[] components)
    {
        using (writer.PushSequence())
        {
            for (var i = 0; i < components.Length; i++)
            {
                var svn = components[i];
                Item(writer, $"2.{i + 1}", () => writer.WriteInteger(svn));
            }

            Item(writer, "2.17", () => writer.WriteInteger(PceSvn));
            Item(writer, "2.18", () => writer.WriteOctetString(components));
        }
    }

    private static void WriteConfiguration(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            Item(writer, "7.1", () => writer.WriteBoolean(true)); // dynamicPlatform
            Item(writer, "7.2", () => writer.WriteBoolean(true)); // cachedKeys
            Item(writer, "7.3", () => writer.WriteBoolean(true)); // smtEnabled
        }
    }

    private static void Item(AsnWriter writer, string arc, Action value)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier($"{PckExtensionReader.Oid}.{arc}");
            value();
        }
    }

    private enum SgxType
    {
        Scalable = 1,
    }
}

using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using Broker.Attestation.SevSnp.Reports;

namespace Broker.Attestation.Simulation.SevSnp;

/// <summary>AMD's extensions of a VCEK (AMD 57230), in the order of its own certificates.</summary>
internal static class VcekExtensions
{
    private const string Arc = "1.3.6.1.4.1.3704.1.";

    public static IEnumerable<X509Extension> Of(ProcessorFamily family, TcbLevels tcb, ReadOnlySpan<byte> hardwareId)
    {
        var isTurin = family == ProcessorFamily.Turin;
        List<X509Extension> extensions =
        [
            Integer("1", isTurin ? 1 : 0),
            Text("2", family == ProcessorFamily.Milan ? "Milan-B0" : family.ToString()),
        ];
        if (isTurin) extensions.Add(Integer("3.9", tcb.Fmc));
        extensions.Add(Integer("3.1", tcb.BootLoader));
        extensions.Add(Integer("3.2", tcb.Tee));
        extensions.Add(Integer("3.3", tcb.Snp));
        if (!isTurin) extensions.Add(Integer("3.4", 0));
        extensions.AddRange([Integer("3.5", 0), Integer("3.6", 0), Integer("3.7", 0), Integer("3.8", tcb.Microcode)]);
        extensions.Add(new X509Extension($"{Arc}4", hardwareId, critical: false));
        return extensions;
    }

    private static X509Extension Integer(string tail, int value)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteInteger(value);
        return new X509Extension(Arc + tail, writer.Encode(), critical: false);
    }

    private static X509Extension Text(string tail, string value)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteCharacterString(UniversalTagNumber.IA5String, value);
        return new X509Extension(Arc + tail, writer.Encode(), critical: false);
    }
}

using System.Buffers;
using System.Formats.Cbor;
using Broker.Attestation.Codecs;
using Broker.Attestation.SevSnp.Launch;
using Broker.Attestation.SevSnp.Reports;

namespace Broker.Attestation.SevSnp.Dstack;

/// <summary>
/// What the maker of an image measured for SEV-SNP (<c>measurement.snp.cbor</c>):
/// <code>
/// { version: 3, cmdline, ovmf_hash: 48 bytes, kernel_hash: 32 bytes, initrd_hash: 32 bytes, hashes_table_gpa,
///   reset_eip, ovmf_sections: [ { gpa, size, type } ] }
/// </code>
/// Exactly these keys in this order: the form in which the image's maker writes.
/// </summary>
internal static class SnpImageMeasurement
{
    private const ulong Version = 3;
    private const string RootFsArgument = "dstack.rootfs_hash=";
    private const int RootFsHashLength = 64;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>The launch of a machine of that shape with that image.</summary>
    public static SnpOutcome<LaunchInputs> Decode(SnpMeasurementDocument document)
    {
        var reader = new CborReader(document.Measurement, CborConformanceMode.Strict);
        try
        {
            var inputs = Read(reader, document);
            if (reader.BytesRemaining != 0) return Malformed("trailing bytes");
            return NamesRootFs(inputs.CommandLine) ? inputs : Malformed("the command line names no rootfs hash");
        }
        catch (FormatException unexpected)
        {
            return Malformed(unexpected.Message);
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException or OverflowException)
        {
            return Malformed("not the CBOR that belongs there");
        }
    }

    private static LaunchInputs Read(CborReader reader, SnpMeasurementDocument document)
    {
        CborMaps.ExpectMap(reader, 8);
        CborMaps.ExpectKey(reader, "version");
        if (reader.ReadUInt64() is var version and not Version)
            throw new FormatException($"version {version}, expected {Version}");

        CborMaps.ExpectKey(reader, "cmdline");
        var commandLine = CborMaps.ReadText(reader).Trim();
        var inputs = new LaunchInputs
        {
            CommandLine = commandLine,
            OvmfHash = ReadBytes(reader, "ovmf_hash"),
            KernelHash = ReadBytes(reader, "kernel_hash"),
            InitrdHash = ReadBytes(reader, "initrd_hash"),
            HashesTableGpa = ReadNumber(reader, "hashes_table_gpa"),
            ResetEip = ReadNumber(reader, "reset_eip"),
            Sections = ReadSections(reader),
            Processors = document.Processors,
            ProcessorModel = document.ProcessorModel,
            GuestFeatures = document.GuestFeatures,
        };
        reader.ReadEndMap();
        return inputs;
    }

    /// <summary>One more than can be measured is read, and then refused as such.</summary>
    private static List<OvmfSection> ReadSections(CborReader reader)
    {
        CborMaps.ExpectKey(reader, "ovmf_sections");
        if (reader.ReadStartArray() is not { } count) throw new FormatException("an array without its length");
        var sections = new List<OvmfSection>();
        for (var i = 0; i < count; i++)
        {
            if (i > LaunchInputs.MaxSections) throw new FormatException($"{count} sections");
            CborMaps.ExpectMap(reader, 3);
            sections.Add(new OvmfSection(
                ReadNumber(reader, "gpa"), ReadNumber(reader, "size"), ReadNumber(reader, "type")));
            reader.ReadEndMap();
        }

        reader.ReadEndArray();
        return sections;
    }

    private static byte[] ReadBytes(CborReader reader, string key)
    {
        CborMaps.ExpectKey(reader, key);
        return reader.ReadDefiniteLengthByteString().ToArray();
    }

    private static ulong ReadNumber(CborReader reader, string key)
    {
        CborMaps.ExpectKey(reader, key);
        return reader.ReadUInt64();
    }

    private static bool NamesRootFs(string commandLine)
        => commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries).Any(argument =>
            argument.StartsWith(RootFsArgument, StringComparison.Ordinal)
            && argument.Length == RootFsArgument.Length + RootFsHashLength
            && !argument.AsSpan(RootFsArgument.Length).ContainsAnyExcept(HexDigits));

    private static SnpRefusal Malformed(string detail)
        => new(SnpRefusalReason.MeasurementMaterialMalformed, $"measurement.snp.cbor: {detail}");
}

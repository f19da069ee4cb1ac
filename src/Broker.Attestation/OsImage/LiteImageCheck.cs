using System.Security.Cryptography;
using Broker.Attestation.Decoding;
using Broker.Attestation.EventLog;
using Broker.Attestation.Quotes;
using Broker.Attestation.VirtualMachine;

namespace Broker.Attestation.OsImage;

/// <summary>
/// The check that needs no download (kms-protocol §9.4). The image's hash covers its <c>sha256sum.txt</c>, that covers
/// the maker's measurements, and those give every register once the size of memory is known.
/// <para>
/// What it does not prove: the contents of the ACPI tables. Their digests are taken as the guest logged them, and RTMR0
/// only shows that the firmware measured exactly those. A machine that was not started as <c>lite</c> is never checked
/// this way.
/// </para>
/// </summary>
internal static class LiteImageCheck
{
    private const string MeasurementFile = "measurement.tdx.cbor";
    private const ulong TwoGibibytes = 0x8000_0000;

    public static OsImageVerdict Verify(TdReport report, TdxEventLog log, VmConfig config)
    {
        var expected = Expect(log, config);
        return expected.Succeeded
            ? OsImageVerdict.Compare(report, expected.Value, acceptUnverifiedRtmr0: false)
            : OsImageVerdict.Refused(expected.Error);
    }

    private static Decoded<ExpectedMeasurements> Expect(TdxEventLog log, VmConfig config)
    {
        if (config.TdxMeasurement is not { } document)
        {
            return Refused("tdx lite attestation requires vm_config.tdx_measurement");
        }

        if (CheckDocument(document, config.OsImageHash.Span) is { } mismatch)
        {
            return Refused($"tdx lite measurement material does not match os_image_hash: {mismatch}");
        }

        var decoded = TdxImageMeasurement.Decode(document.Measurement);
        if (!decoded.Succeeded) return decoded.RefusedAs<ExpectedMeasurements>();
        if (config.OvmfVariant is { } variant && variant != TdxImageMeasurement.OvmfVariant)
        {
            return Refused(
                $"tdx measurement ovmf_variant mismatch: vm_config={variant},"
                + $" document={TdxImageMeasurement.OvmfVariant}");
        }

        var acpi = ReadAcpiDigests(log);
        if (!acpi.Succeeded)
        {
            return acpi.RefusedAs<ExpectedMeasurements>(
                "TDX lite attestation is missing named RTMR0 ACPI DATA digests");
        }

        return Compute(decoded.Value, acpi.Value, config);
    }

    private static Decoded<ExpectedMeasurements> Compute(
        TdxImageMeasurement measurement, AcpiDigests acpi, VmConfig config)
    {
        // Between these sizes the kernel's header depends on the size of memory, and the maker measured one size only.
        if (config.MemorySize != TwoGibibytes && config.MemorySize < TdHob.SplitMemory)
        {
            return Refused(
                $"TDX lite attestation without image download requires memory_size == {TwoGibibytes} bytes"
                + $" or >= {TdHob.SplitMemory} bytes; got {config.MemorySize} bytes");
        }

        if (config.AddsPagesInTwoPasses() is not { } twoPasses)
        {
            return Refused($"unsupported QEMU version {config.QemuVersion}");
        }

        var layout = TdHobWitness.Decode(measurement.TdHobWitness);
        if (!layout.Succeeded) return layout.RefusedAs<ExpectedMeasurements>();
        return new ExpectedMeasurements(
            twoPasses ? measurement.MrTdTwoPass : measurement.MrTdSinglePass,
            BootMeasurements.RtMr0(TdHob.Measure(layout.Value, config.MemorySize), acpi),
            BootMeasurements.RtMr1(measurement.Kernel),
            BootMeasurements.RtMr2(measurement.CommandLine, measurement.Initrd),
            "computed from the image's listed measurements",
            "computed from the image's listed measurements; the ACPI tables are as the guest logged them,"
            + " their contents not verified");
    }

    private static string? CheckDocument(TdxMeasurementDocument document, ReadOnlySpan<byte> osImageHash)
    {
        var hash = SHA256.HashData(document.ChecksumFile);
        if (!osImageHash.SequenceEqual(hash))
        {
            return $"os_image_hash mismatch: expected sha256(sha256sum.txt)={Convert.ToHexStringLower(osImageHash)},"
                + $" actual={Convert.ToHexStringLower(hash)}";
        }

        var manifest = ImageManifest.Parse(document.ChecksumFile);
        if (!manifest.Succeeded) return manifest.Error;
        if (!manifest.Value.Files.TryGetValue(MeasurementFile, out var listed))
        {
            return $"sha256sum.txt does not list {MeasurementFile}";
        }

        var actual = SHA256.HashData(document.Measurement);
        return listed.AsSpan().SequenceEqual(actual)
            ? null
            : $"{MeasurementFile} hash mismatch: sha256sum.txt={Convert.ToHexStringLower(listed)},"
                + $" actual={Convert.ToHexStringLower(actual)}";
    }

    private static Decoded<AcpiDigests> ReadAcpiDigests(TdxEventLog log)
    {
        var events = log.Events.Where(entry => entry.IsAcpiData).ToList();
        if (events.Count != 3)
        {
            return Decoded<AcpiDigests>.Refused(
                $"TDX lite attestation requires exactly 3 RTMR0 ACPI DATA events; found {events.Count} candidates");
        }

        var digests = new List<byte[]>();
        foreach (var name in new[] { "acpi-loader", "acpi-rsdp", "acpi-tables" })
        {
            if (events.Where(candidate => candidate.Name == name).ToList() is not [var entry])
            {
                return Decoded<AcpiDigests>.Refused(
                    $"TDX lite attestation requires exactly one RTMR0 ACPI DATA event named {name}");
            }

            if (entry.Digest.Length != SHA384.HashSizeInBytes)
            {
                return Decoded<AcpiDigests>.Refused(
                    $"TDX RTMR0 ACPI DATA event {name} has invalid digest length {entry.Digest.Length}, expected 48");
            }

            digests.Add(entry.Digest.ToArray());
        }

        return new AcpiDigests(digests[0], digests[1], digests[2]);
    }

    private static Decoded<ExpectedMeasurements> Refused(string error) => Decoded<ExpectedMeasurements>.Refused(error);
}

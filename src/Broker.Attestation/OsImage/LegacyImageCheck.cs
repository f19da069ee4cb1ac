using Broker.Attestation.Decoding;
using Broker.Attestation.Quotes;
using Broker.Attestation.VirtualMachine;

namespace Broker.Attestation.OsImage;

/// <summary>
/// The check with the image at hand (kms-protocol §9.3). MRTD, RTMR1 and RTMR2 are computed from firmware, kernel,
/// initrd and command line. RTMR0 also depends on the ACPI tables that QEMU makes for this machine: it comes from the
/// measurement table, or is computed when QEMU's generator is installed, or stays unverified and is said to be.
/// </summary>
internal sealed class LegacyImageCheck(OsImageOptions options, ImageStore images)
{
    private const string Computed = "computed from the image";

    private readonly MeasurementTable _table = new(options.CacheDirectory);
    private readonly AcpiTablesProgram _acpiTables = new(options.AcpiTablesProgram);

    public async Task<OsImageVerdict> VerifyAsync(TdReport report, VmConfig config, CancellationToken stop)
    {
        var image = await images.FindAsync(config.OsImageHash, stop);
        if (!image.Succeeded) return OsImageVerdict.Refused(image.Error);
        var expected = await ExpectAsync(image.Value, config, stop);
        return expected.Succeeded
            ? OsImageVerdict.Compare(report, expected.Value, options.AcceptUnverifiedRtmr0)
            : OsImageVerdict.Refused($"Failed to compute expected measurements: {expected.Error}");
    }

    private async Task<Decoded<ExpectedMeasurements>> ExpectAsync(
        OsImageFiles image, VmConfig config, CancellationToken stop)
    {
        if (config.OvmfVariant is { } variant and not TdxImageMeasurement.OvmfVariant)
        {
            return Refused($"unknown ovmf variant {variant}");
        }

        if (config.AddsPagesInTwoPasses() is not { } twoPasses)
        {
            return Refused($"unsupported QEMU version {config.QemuVersion}");
        }

        var firmware = Tdvf.Parse(image.Firmware);
        if (!firmware.Succeeded) return firmware.RefusedAs<ExpectedMeasurements>();
        var patched = LinuxKernel.Patch(image.Kernel, image.InitrdLength, config.MemorySize);
        if (!patched.Succeeded) return patched.RefusedAs<ExpectedMeasurements>("Failed to patch kernel");
        var kernel = Authenticode.Sha384(patched.Value);
        if (!kernel.Succeeded) return kernel.RefusedAs<ExpectedMeasurements>();

        var measured = new ExpectedMeasurements(
            firmware.Value.MrTd(twoPasses),
            null,
            BootMeasurements.RtMr1(kernel.Value),
            BootMeasurements.RtMr2(BootMeasurements.CommandLine(image.CommandLine), image.InitrdSha384),
            Computed,
            $"no {MeasurementTable.FileOf(config)}, and no {options.AcpiTablesProgram} to compute it with");
        return await WithRtMr0Async(measured, firmware.Value, image, config, stop);
    }

    private async Task<Decoded<ExpectedMeasurements>> WithRtMr0Async(
        ExpectedMeasurements measured, Tdvf firmware, OsImageFiles image, VmConfig config, CancellationToken stop)
    {
        if (await _table.FindRtMr0Async(config, stop) is { } known)
        {
            return measured with { RtMr0 = known, RtMr0Basis = $"from {MeasurementTable.FileOf(config)}" };
        }

        if (await _acpiTables.RunAsync(image, config, stop) is not { } tables) return measured;
        if (!tables.Succeeded) return tables.RefusedAs<ExpectedMeasurements>();
        var acpi = AcpiTables.Measure(tables.Value);
        if (!acpi.Succeeded) return acpi.RefusedAs<ExpectedMeasurements>();
        var layout = firmware.HobLayout();
        if (!layout.Succeeded) return layout.RefusedAs<ExpectedMeasurements>();

        var complete = measured with
        {
            RtMr0 = BootMeasurements.RtMr0(TdHob.Measure(layout.Value, config.MemorySize), acpi.Value),
            RtMr0Basis = "computed from the image and the machine's ACPI tables",
        };
        _table.Store(config, complete);
        return complete;
    }

    private static Decoded<ExpectedMeasurements> Refused(string error) => Decoded<ExpectedMeasurements>.Refused(error);
}

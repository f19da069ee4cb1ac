using System.Globalization;
using Broker.Attestation.Decoding;
using Broker.Attestation.VirtualMachine;

namespace Broker.Attestation.OsImage;

/// <summary>
/// QEMU's command line for the machine that a vm_config describes, device by device in the order in which dstack's host
/// adds them: the order is what the ACPI tables show.
/// </summary>
internal sealed record AcpiTablesArguments(IReadOnlyList<string> Arguments, string QemuVersion)
{
    private const string Disk = "/bin/sh";
    private const string SharedFolder = "/bin";

    public static Decoded<AcpiTablesArguments> For(OsImageFiles image, VmConfig config)
    {
        if (config.Swtpm) return Refused("swtpm measurement is not supported");
        if (config.CpuCount == 0) return Refused("cpu_count must be greater than 0");
        if (config.AddsPagesInTwoPasses() is null || !config.QemuSemanticVersion(out var version))
        {
            return Refused($"unsupported QEMU version {config.QemuVersion}");
        }

        var memory = string.Create(CultureInfo.InvariantCulture, $"{config.MemorySize / (1024 * 1024)}M");
        List<string> arguments =
        [
            "-cpu", "qemu64", "-smp", Text(config.CpuCount), "-m", memory,
            "-nographic", "-nodefaults", "-serial", "stdio",
            "-bios", image.FirmwarePath, "-kernel", image.KernelPath, "-initrd", Disk, .. BlockDevice("hd1"),
        ];
        for (var i = 0u; i < config.NumVerityVolumes; i++) arguments.AddRange(BlockDevice($"vol{Text(i)}"));
        for (var i = 0u; i < config.NumNics; i++)
        {
            arguments.AddRange(["-netdev", $"user,id=net{Text(i)}", "-device", $"virtio-net-pci,netdev=net{Text(i)}"]);
        }

        arguments.AddRange(["-object", "tdx-guest,id=tdx", "-device", "vhost-vsock-pci,guest-cid=3"]);
        switch (config.HostShareMode)
        {
            case "" or "9p":
                arguments.AddRange(
                [
                    "-virtfs",
                    $"local,path={SharedFolder},mount_tag=host-shared,readonly=on,security_model=none,id=virtfs0",
                ]);
                break;
            case "vvfat" or "vhd":
                arguments.AddRange(BlockDevice("hd2"));
                break;
            default:
                return Refused($"invalid shared disk mode {config.HostShareMode}");
        }

        // The root file system is a verity disk in every image since 0.4.
        arguments.AddRange(BlockDevice("hd0"));
        var pic = config.Pic ?? version.Major == 8;
        arguments.AddRange(
        [
            "-machine",
            $"q35,kernel-irqchip=split,confidential-guest-support=tdx,hpet=off,smm=off,pic={(pic ? "on" : "off")}",
        ]);
        AddPassthrough(arguments, config, memory);
        if (config.HotplugOff) arguments.AddRange(["-global", "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off"]);
        if (config.PciHole64Size > 0)
        {
            arguments.AddRange(["-global", $"q35-pcihost.pci-hole64-size=0x{config.PciHole64Size:x}"]);
        }

        return new AcpiTablesArguments(arguments, version.ToString(3));
    }

    private static void AddPassthrough(List<string> arguments, VmConfig config, string memory)
    {
        if (config.Hugepages)
        {
            arguments.AddRange(
            [
                "-numa", $"node,nodeid=0,cpus=0-{Text(config.CpuCount - 1)},memdev=mem0",
                "-object",
                $"memory-backend-file,id=mem0,size={memory},mem-path=/dev/hugepages,share=on,prealloc=no,"
                    + "host-nodes=0,policy=bind",
            ]);
        }

        var port = 0u;
        if (config.NumGpus > 0)
        {
            arguments.AddRange(["-object", "iommufd,id=iommufd0"]);
            if (config.Hugepages)
            {
                arguments.AddRange(["-device", "pxb-pcie,id=pcie.node0,bus=pcie.0,addr=10,numa_node=0,bus_nr=5"]);
            }
        }

        var gpuBus = config.Hugepages ? "pcie.node0" : "pcie.0";
        for (var i = 0u; i < config.NumGpus; i++, port++) arguments.AddRange(PassedThrough(port, gpuBus));
        for (var i = 0u; i < config.NumNvswitches; i++, port++) arguments.AddRange(PassedThrough(port, "pcie.0"));
    }

    private static string[] BlockDevice(string id)
        => ["-drive", $"file={Disk},if=none,id={id},format=raw,readonly=on", "-device", $"virtio-blk-pci,drive={id}"];

    private static string[] PassedThrough(uint port, string bus) =>
    [
        "-device", $"pcie-root-port,id=pci.{Text(port)},bus={bus},chassis={Text(port)}",
        "-device", $"vfio-pci,host=00:00.0,bus=pci.{Text(port)},iommufd=iommufd0",
    ];

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);

    private static Decoded<AcpiTablesArguments> Refused(string error) => Decoded<AcpiTablesArguments>.Refused(error);
}

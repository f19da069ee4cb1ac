using System.Security.Cryptography;
using System.Text;
using Broker.Attestation.Decoding;
using Broker.Attestation.OsImage;
using Broker.Attestation.VirtualMachine;

namespace Broker.Attestation.Tests.OsImage;

public class AcpiTablesTests
{
    [Fact]
    public void Builds_loader_script_and_root_pointer_from_the_tables()
    {
        // Offsets of the test tables: DSDT 0, FACP 300, APIC 544, MCFG 688, WAET 748, RSDT 788.
        var tables = TestAcpi.Tables();
        var digests = AcpiTables.Measure(tables).Value.ShouldNotBeNull();

        digests.Tables.ShouldBe(SHA384.HashData(tables));
        digests.Rsdp.ShouldBe(SHA384.HashData([.. "RSD PTR \0BOCHS \0"u8, 0x14, 0x03, 0, 0]));
        // By QEMU's bios-linker-loader: commands of 128 bytes (1 allocate, 2 add pointer, 3 add checksum), then zeros.
        byte[][] commands =
        [
            Command(1, File("etc/acpi/rsdp"), UInt32(16), [2]),
            Command(1, File("etc/acpi/tables"), UInt32(64), [1]),
            Checksum(9, 0, 300),
            Pointer(336, 4), Pointer(340, 4), Pointer(440, 8),
            Checksum(309, 300, 244), Checksum(553, 544, 144), Checksum(697, 688, 60), Checksum(757, 748, 40),
            Pointer(824, 4), Pointer(828, 4), Pointer(832, 4), Pointer(836, 4),
            Checksum(797, 788, 52),
            Command(2, File("etc/acpi/rsdp"), File("etc/acpi/tables"), UInt32(16), [4]),
            Command(3, File("etc/acpi/rsdp"), UInt32(8), UInt32(0), UInt32(20)),
        ];
        byte[] padding = new byte[4096 - (128 * commands.Length)];
        digests.Loader.ShouldBe(SHA384.HashData([.. commands.SelectMany(bytes => bytes), .. padding]));
    }

    [Fact]
    public void Refuses_tables_that_are_not_all_there()
    {
        AcpiTables.Measure(TestAcpi.Tables().AsSpan(0, 747)).Error.ShouldBe("ACPI table not found: MCFG");
        AcpiTables.Measure([]).Error.ShouldBe("ACPI table not found: DSDT");
        AcpiTables.Measure(new byte[64]).Error.ShouldBe("ACPI table not found: DSDT");
    }

    [Fact]
    public void Asks_for_the_devices_of_the_machine_in_the_hosts_order()
    {
        const string config = "{\"cpu_count\":4,\"memory_size\":68719476736,\"qemu_version\":\"9.2.1\",\"num_gpus\":2,"
            + "\"num_nvswitches\":1,\"hugepages\":true,\"num_nics\":2,\"num_verity_volumes\":1,"
            + "\"host_share_mode\":\"vhd\",\"hotplug_off\":true,\"pci_hole64_size\":17592186044416}";
        var arguments = string.Join(' ', For(config).Value.ShouldNotBeNull().Arguments);

        string[] inOrder =
        [
            "-smp 4 -m 65536M", "-bios fw -kernel k", "id=hd1", "id=vol0", "id=net0", "id=net1",
            "tdx-guest,id=tdx", "vhost-vsock-pci",
            "id=hd2", "id=hd0", "-machine q35", "pic=off", "-numa node,nodeid=0,cpus=0-3,memdev=mem0",
            "size=65536M", "iommufd,id=iommufd0",
            "pxb-pcie", "id=pci.0,bus=pcie.node0", "id=pci.1,bus=pcie.node0", "id=pci.2,bus=pcie.0",
            "acpi-pci-hotplug-with-bridge-support=off", "pci-hole64-size=0x100000000000",
        ];
        inOrder.Select(part => arguments.IndexOf(part, StringComparison.Ordinal)).ShouldAllBe(at => at >= 0);
        inOrder.Select(part => arguments.IndexOf(part, StringComparison.Ordinal)).ShouldBeInOrder();
    }

    [Theory]
    [InlineData("{\"cpu_count\":1,\"swtpm\":true}", "swtpm measurement is not supported")]
    [InlineData("{\"cpu_count\":0}", "cpu_count must be greater than 0")]
    [InlineData("{\"cpu_count\":1,\"host_share_mode\":\"nfs\"}", "invalid shared disk mode nfs")]
    [InlineData("{\"cpu_count\":1,\"qemu_version\":\"7.0.0\"}", "unsupported QEMU version 7.0.0")]
    public void Refuses_a_machine_that_it_cannot_describe(string config, string error)
        => For(config).Error.ShouldBe(error);

    private static Decoded<AcpiTablesArguments> For(string config) => AcpiTablesArguments.For(
        new OsImageFiles
        {
            CommandLine = "",
            FirmwarePath = "fw",
            KernelPath = "k",
            Firmware = [],
            Kernel = [],
            InitrdLength = 0,
            InitrdSha384 = [],
        },
        VmConfig.Parse(config).Value.ShouldNotBeNull());

    private static byte[] Pointer(uint offset, byte size)
        => Command(2, File("etc/acpi/tables"), File("etc/acpi/tables"), UInt32(offset), [size]);

    private static byte[] Checksum(uint result, uint start, uint length)
        => Command(3, File("etc/acpi/tables"), UInt32(result), UInt32(start), UInt32(length));

    private static byte[] Command(uint number, params byte[][] fields)
    {
        byte[] bytes = [.. UInt32(number), .. fields.SelectMany(field => field)];
        return [.. bytes, .. new byte[128 - bytes.Length]];
    }

    private static byte[] File(string name) => Encoding.ASCII.GetBytes(name.PadRight(56, '\0'));

    private static byte[] UInt32(uint value) => BitConverter.GetBytes(value);
}

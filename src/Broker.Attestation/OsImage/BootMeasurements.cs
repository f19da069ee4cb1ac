using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Broker.Attestation.EventLog;

namespace Broker.Attestation.OsImage;

/// <summary>The digests of the three blobs by which QEMU hands ACPI tables to firmware.</summary>
internal sealed record AcpiDigests(byte[] Loader, byte[] Rsdp, byte[] Tables);

/// <summary>
/// What firmware measures while it boots a dstack guest, register by register (kms-protocol §9.3): the events' digests,
/// replayed. The layout is that of OVMF before 2025-05.
/// </summary>
internal static class BootMeasurements
{
    private static readonly Guid GlobalVariable = new("8BE4DF61-93CA-11D2-AA0D-00E098032B8C");
    private static readonly Guid ImageSecurityDatabase = new("D719B2CB-3D3A-4596-A3BC-DAD00E67656F");

    // The firmware's configuration volume, and its built-in boot option: the same in every build of that OVMF.
    private const string ConfigurationVolume
        = "344bc51c980ba621aaa00da3ed7436f7d6e549197dfe699515dfa2c6583d95e6412af21c097d473155875ffd561d6790";
    private const string BuiltInBootOption
        = "23ada07f5261f12f34a0bd8e46760962d6b4d576a416f1fea1c64bc656b1d28eacf7047ae6e967c58fd2a98bfa74c298";

    public static byte[] RtMr0(byte[] tdHob, AcpiDigests acpi) => RtmrReplay.Replay(
    [
        tdHob,
        Convert.FromHexString(ConfigurationVolume),
        EmptyVariable(GlobalVariable, "SecureBoot"),
        EmptyVariable(GlobalVariable, "PK"),
        EmptyVariable(GlobalVariable, "KEK"),
        EmptyVariable(ImageSecurityDatabase, "db"),
        EmptyVariable(ImageSecurityDatabase, "dbx"),
        Separator(),
        acpi.Loader,
        acpi.Rsdp,
        acpi.Tables,
        SHA384.HashData([0, 0]), // BootOrder: Boot0000
        Convert.FromHexString(BuiltInBootOption),
    ]);

    /// <param name="kernel">The Authenticode digest of the kernel as QEMU patches it.</param>
    public static byte[] RtMr1(byte[] kernel) => RtmrReplay.Replay(
    [
        kernel,
        SHA384.HashData("Calling EFI Application from Boot Option"u8),
        Separator(),
        SHA384.HashData("Exit Boot Services Invocation"u8),
        SHA384.HashData("Exit Boot Services Returned with Success"u8),
    ]);

    public static byte[] RtMr2(byte[] commandLine, byte[] initrd) => RtmrReplay.Replay([commandLine, initrd]);

    /// <summary>
    /// The digest of a kernel command line: UTF-16, ended by a zero, with what QEMU's boot adds at its end.
    /// </summary>
    public static byte[] CommandLine(string imageCommandLine)
        => SHA384.HashData(Encoding.Unicode.GetBytes($"{imageCommandLine} initrd=initrd\0"));

    private static byte[] Separator() => SHA384.HashData([0, 0, 0, 0]);

    /// <summary>
    /// A UEFI_VARIABLE_DATA without data: vendor, length of the name in characters, length of the data, name.
    /// </summary>
    private static byte[] EmptyVariable(Guid vendor, string name)
    {
        var data = new byte[32 + (2 * name.Length)];
        vendor.TryWriteBytes(data);
        BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(16), (ulong)name.Length);
        Encoding.Unicode.GetBytes(name, data.AsSpan(32));
        return SHA384.HashData(data);
    }
}

using System.Buffers.Binary;
using System.Text;

namespace Broker.Attestation.Tests.OsImage;

/// <summary>ACPI tables of the shape that QEMU makes, and programs that print them.</summary>
internal static class TestAcpi
{
    public static byte[] Tables() =>
    [
        .. Table("DSDT", 300), .. Table("FACP", 244), .. Table("APIC", 144),
        .. Table("MCFG", 60), .. Table("WAET", 40), .. Table("RSDT", 52),
    ];

    /// <summary>
    /// Writes its arguments to a file beside it, after the QEMU version it was asked for, and prints the tables.
    /// </summary>
    public static string Program(string folder, byte[] tables)
    {
        var data = Path.Combine(folder, "tables.bin");
        File.WriteAllBytes(data, tables);
        return Script(
            folder, "acpi-tables", $"echo \"$QEMU_ACPI_COMPAT_VER $*\" > '{folder}/arguments'; exec cat '{data}'");
    }

    public static string FailingProgram(string folder)
        => Script(folder, "acpi-tables-failing", "echo 'no such machine' >&2; exit 3");

    private static string Script(string folder, string name, string body)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return path;
    }

    private static byte[] Table(string signature, int length)
    {
        var bytes = new byte[length];
        Encoding.ASCII.GetBytes(signature, bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), (uint)length);
        return bytes;
    }
}

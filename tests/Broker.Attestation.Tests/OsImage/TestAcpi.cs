using System.Buffers.Binary;
using System.Text;

namespace Broker.Attestation.Tests.OsImage;

/// <summary>ACPI tables of the shape that QEMU makes, and programs that print them.</summary>
internal static class TestAcpi
{
    public static byte[] Tables()
        => [.. new[] { ("DSDT", 300), ("FACP", 244), ("APIC", 144), ("MCFG", 60), ("WAET", 40), ("RSDT", 52) }.SelectMany(Table)];

    /// <summary>
    /// Writes its arguments to a file beside it, after the QEMU version it was asked for, and prints the tables.
    /// </summary>
    public static string Program(string folder, byte[] tables)
    {
        var data = Path.Combine(folder, "tables.bin");
        File.WriteAllBytes(data, tables);
        return Script(folder, "acpi-tables", $"echo \"$QEMU_ACPI_COMPAT_VER $*\" > '{folder}/arguments'; exec cat '{data}'");
    }

    public static string FailingProgram(string folder) => Script(folder, "acpi-tables-failing", "echo 'no such machine' >&2; exit 3");

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

    private static byte[] Table((string Signature, int Length) table)
    {
        var bytes = new byte[table.Length];
        Encoding.ASCII.GetBytes(table.Signature, bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), (uint)table.Length);
        return bytes;
    }
}

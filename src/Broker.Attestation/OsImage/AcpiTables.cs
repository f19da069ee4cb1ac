using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Broker.Attestation.Decoding;

namespace Broker.Attestation.OsImage;

/// <summary>
/// The three blobs by which QEMU hands ACPI tables to firmware, made from the tables alone (ACPI specification §5.2;
/// QEMU bios-linker-loader). Firmware measures all three into RTMR0: the tables, the root pointer, and the script of
/// commands of 128 bytes that places, links and checksums them.
/// </summary>
internal static class AcpiTables
{
    private const int LoaderLength = 4096;
    private const int CommandLength = 128;
    private const int FileNameLength = 56;
    private const int TableHeaderLength = 36;
    private const int ChecksumOffset = 9;
    private const string RsdpFile = "etc/acpi/rsdp";
    private const string TablesFile = "etc/acpi/tables";

    private static readonly string[] Signatures = ["DSDT", "FACP", "APIC", "MCFG", "WAET", "RSDT"];

    public static Decoded<AcpiDigests> Measure(ReadOnlySpan<byte> tables)
    {
        var found = Find(tables);
        if (Array.Find(Signatures, signature => !found.ContainsKey(signature)) is { } missing)
        {
            return Decoded<AcpiDigests>.Refused($"ACPI table not found: {missing}");
        }

        return new AcpiDigests(
            SHA384.HashData(Loader(found)), SHA384.HashData(Rsdp(found["RSDT"].Offset)), SHA384.HashData(tables));
    }

    /// <summary>
    /// The first table of each signature; tables stand one after another, each with its length at offset 4.
    /// </summary>
    private static Dictionary<string, (uint Offset, uint Length)> Find(ReadOnlySpan<byte> tables)
    {
        var found = new Dictionary<string, (uint Offset, uint Length)>(StringComparer.Ordinal);
        for (var offset = 0; tables.Length - offset >= TableHeaderLength;)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(tables[(offset + 4)..]);
            if (length == 0 || length > (uint)(tables.Length - offset)) break;
            found.TryAdd(Encoding.Latin1.GetString(tables.Slice(offset, 4)), ((uint)offset, length));
            offset += (int)length;
        }

        return found;
    }

    /// <summary>The root pointer of revision 0, its checksum still zero: the loader fills it in.</summary>
    private static byte[] Rsdp(uint rsdt)
    {
        var rsdp = new byte[20];
        "RSD PTR \0BOCHS \0"u8.CopyTo(rsdp);
        BinaryPrimitives.WriteUInt32LittleEndian(rsdp.AsSpan(16), rsdt);
        return rsdp;
    }

    private static byte[] Loader(Dictionary<string, (uint Offset, uint Length)> tables)
    {
        var script = new Script();
        script.Allocate(RsdpFile, alignment: 16, zone: 2);
        script.Allocate(TablesFile, alignment: 64, zone: 1);
        script.AddTableChecksum(tables["DSDT"]);
        var facp = tables["FACP"];
        script.AddPointer(TablesFile, facp.Offset + 36, 4); // FIRMWARE_CTRL
        script.AddPointer(TablesFile, facp.Offset + 40, 4); // DSDT
        script.AddPointer(TablesFile, facp.Offset + 140, 8); // X_DSDT
        foreach (var signature in new[] { "FACP", "APIC", "MCFG", "WAET" }) script.AddTableChecksum(tables[signature]);
        var rsdt = tables["RSDT"];
        for (var entry = 0u; entry < 4; entry++)
        {
            script.AddPointer(TablesFile, rsdt.Offset + TableHeaderLength + (4 * entry), 4);
        }

        script.AddTableChecksum(rsdt);
        script.AddPointer(RsdpFile, 16, 4);
        script.AddChecksum(RsdpFile, 8, 0, 20);
        return script.Bytes;
    }

    /// <summary>Commands one after another: a number, then the command's fields, then zeros.</summary>
    private sealed class Script
    {
        private int _position;

        public byte[] Bytes { get; } = new byte[LoaderLength];

        public void Allocate(string file, uint alignment, byte zone)
        {
            var fields = Next(1, file);
            BinaryPrimitives.WriteUInt32LittleEndian(fields, alignment);
            fields[4] = zone;
        }

        /// <summary>A pointer into the tables, at that offset of <paramref name="file"/>.</summary>
        public void AddPointer(string file, uint offset, byte size)
        {
            var fields = Next(2, file);
            Encoding.ASCII.GetBytes(TablesFile, fields);
            BinaryPrimitives.WriteUInt32LittleEndian(fields[FileNameLength..], offset);
            fields[FileNameLength + 4] = size;
        }

        public void AddTableChecksum((uint Offset, uint Length) table)
            => AddChecksum(TablesFile, table.Offset + ChecksumOffset, table.Offset, table.Length);

        public void AddChecksum(string file, uint result, uint start, uint length)
        {
            var fields = Next(3, file);
            BinaryPrimitives.WriteUInt32LittleEndian(fields, result);
            BinaryPrimitives.WriteUInt32LittleEndian(fields[4..], start);
            BinaryPrimitives.WriteUInt32LittleEndian(fields[8..], length);
        }

        private Span<byte> Next(uint command, string file)
        {
            var bytes = Bytes.AsSpan(_position, CommandLength);
            _position += CommandLength;
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, command);
            Encoding.ASCII.GetBytes(file, bytes[4..]);
            return bytes[(4 + FileNameLength)..];
        }
    }
}

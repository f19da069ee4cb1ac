using System.Buffers.Binary;
using Broker.Attestation.OsImage;

namespace Broker.Attestation.Tests.OsImage;

/// <summary>Firmware and kernel images of a few KiB, laid out as their specifications say.</summary>
internal static class TestFirmware
{
    public const int ContentLength = 0x2000;

    /// <summary>TDX virtual firmware with these sections: content, descriptor, GUIDed table, 32 bytes.</summary>
    public static byte[] With(params TdvfSection[] sections)
    {
        var content = Enumerable.Range(0, ContentLength).Select(at => (byte)(at * 7)).ToArray();
        var descriptor = new byte[16 + (32 * sections.Length)];
        "TDVF"u8.CopyTo(descriptor);
        BinaryPrimitives.WriteUInt32LittleEndian(descriptor.AsSpan(4), (uint)descriptor.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(descriptor.AsSpan(8), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(descriptor.AsSpan(12), (uint)sections.Length);
        for (var i = 0; i < sections.Length; i++)
        {
            var at = descriptor.AsSpan(16 + (32 * i));
            BinaryPrimitives.WriteUInt32LittleEndian(at, sections[i].DataOffset);
            BinaryPrimitives.WriteUInt32LittleEndian(at[4..], sections[i].DataSize);
            BinaryPrimitives.WriteUInt64LittleEndian(at[8..], sections[i].Address);
            BinaryPrimitives.WriteUInt64LittleEndian(at[16..], sections[i].MemorySize);
            BinaryPrimitives.WriteUInt32LittleEndian(at[24..], sections[i].Type);
            BinaryPrimitives.WriteUInt32LittleEndian(at[28..], sections[i].Attributes);
        }

        // Another entry first, so that the reader has to walk.
        byte[] other = [1, 2, 3, .. Entry("7255371f-3a3b-4b04-927b-1da6efa8d454", 3)];
        byte[] tail = [.. Entry("e47a6535-984a-4798-865e-4685a7bf8ec2", 4), .. other];
        var table = new byte[4 + tail.Length];
        tail.CopyTo(table, 4);
        byte[] footer = [.. Entry("96b582de-1fb2-45f7-baea-a366c55a082d", table.Length)];
        BinaryPrimitives.WriteUInt16LittleEndian(footer, (ushort)table.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(table, (uint)(descriptor.Length + table.Length + footer.Length + 32));
        return [.. content, .. descriptor, .. table, .. footer, .. new byte[32]];
    }

    /// <summary>A PE32+ image of two sections in reverse order and a signature; headers end at 0x200.</summary>
    public static byte[] PeImage(int signature)
    {
        var image = Enumerable.Range(0, 0x403 + signature).Select(at => (byte)(at * 11)).ToArray();
        image.AsSpan(0x3c, 4).Clear();
        image[0x3c] = 0x80;
        "PE\0\0"u8.CopyTo(image.AsSpan(0x80));
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x86), 2); // sections
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x94), 240); // size of the optional header
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x98), 0x20b); // PE32+
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(0x98 + 60), 0x200); // size of headers
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(0x128), 0x403); // security directory
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(0x12c), (uint)signature);
        Section(image.AsSpan(0x188), 0x300, 0x103);
        Section(image.AsSpan(0x188 + 40), 0x200, 0x100);
        return image;
    }

    private static byte[] Entry(string guid, int dataLength)
    {
        var entry = new byte[18];
        BinaryPrimitives.WriteUInt16LittleEndian(entry, (ushort)(18 + dataLength));
        new Guid(guid).TryWriteBytes(entry.AsSpan(2));
        return entry;
    }

    private static void Section(Span<byte> header, uint start, uint length)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], start);
    }
}

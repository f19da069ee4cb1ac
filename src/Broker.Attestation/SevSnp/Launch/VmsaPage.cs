using System.Buffers.Binary;

namespace Broker.Attestation.SevSnp.Launch;

/// <summary>
/// The state of a virtual processor before its first instruction, as QEMU and KVM set it (AMD 24593, appendix B: the
/// save area). What is not written here is zero.
/// </summary>
internal static class VmsaPage
{
    /// <summary>Where the first processor begins: the reset vector.</summary>
    public const uint FirstEip = 0xffff_fff0;

    private const ushort DataAttributes = 0x93;
    private const ushort CodeAttributes = 0x9b;

    public static byte[] Create(uint eip, uint processorSignature, ulong guestFeatures)
    {
        var page = new byte[LaunchMeasurement.PageLength];
        foreach (var segment in (int[])[0x000, 0x020, 0x030, 0x040, 0x050])
            WriteSegment(page, segment, 0, DataAttributes, 0);
        WriteSegment(page, 0x010, 0xf000, CodeAttributes, eip & 0xffff_0000);
        WriteSegment(page, 0x060, 0, 0, 0); // gdtr
        WriteSegment(page, 0x070, 0, 0x82, 0); // ldtr
        WriteSegment(page, 0x080, 0, 0, 0); // idtr
        WriteSegment(page, 0x090, 0, 0x8b, 0); // tr
        Write(page, 0x0d0, 0x1000); // efer
        Write(page, 0x148, 0x40); // cr4
        Write(page, 0x158, 0x10); // cr0
        Write(page, 0x160, 0x400); // dr7
        Write(page, 0x168, 0xffff_0ff0); // dr6
        Write(page, 0x170, 0x2); // rflags
        Write(page, 0x178, eip & 0xffff); // rip
        Write(page, 0x268, 0x0007_0406_0007_0406); // pat
        Write(page, 0x310, processorSignature); // rdx
        Write(page, 0x3b0, guestFeatures);
        Write(page, 0x3e8, 1); // xcr0
        BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(0x408), 0x1f80); // mxcsr
        BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(0x410), 0x37f); // fcw
        return page;
    }

    private static void WriteSegment(byte[] page, int offset, ushort selector, ushort attributes, ulong start)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(offset), selector);
        BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(offset + 2), attributes);
        BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(offset + 4), 0xffff);
        Write(page, offset + 8, start);
    }

    private static void Write(byte[] page, int offset, ulong value)
        => BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(offset), value);
}

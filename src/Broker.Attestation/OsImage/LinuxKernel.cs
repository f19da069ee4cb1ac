using System.Buffers.Binary;
using Broker.Attestation.Decoding;

namespace Broker.Attestation.OsImage;

/// <summary>
/// A kernel image as QEMU changes it before the guest sees it: the boot protocol's setup header gets a loader type, a
/// heap, the command line's address, and where the initrd lies (Linux boot protocol, "The Real-Mode Kernel Header";
/// QEMU x86_load_linux). The initrd's place depends on the size of memory below 4 GiB.
/// </summary>
internal static class LinuxKernel
{
    private const int SmallestImage = 0x1000;
    private const uint DefaultInitrdMax = 0x37ff_ffff;

    // What QEMU sets aside for ACPI tables below the end of low memory.
    private const uint AcpiReserve = 0x28000;

    public static Decoded<byte[]> Patch(ReadOnlySpan<byte> kernel, uint initrdSize, ulong memorySize)
    {
        if (kernel.Length < SmallestImage) return Decoded<byte[]>.Refused("the kernel image is too short");
        var patched = kernel.ToArray();
        var header = new SetupHeader(patched);
        if (header.Protocol < 0x202)
        {
            return Decoded<byte[]>.Refused($"kernel boot protocol 0x{header.Protocol:x} is too old");
        }

        var (realMode, commandLine) = header.IsLoadedHigh ? (0x10000u, 0x20000u) : (0x90000u, 0x9a000u);
        header.TypeOfLoader = 0xb0;
        header.LoadFlags |= SetupHeader.CanUseHeap;
        header.HeapEndPointer = commandLine - realMode - 0x200;
        header.CommandLinePointer = commandLine;
        if (initrdSize == 0) return patched;

        var last = LastInitrdByte(header, memorySize);
        if (initrdSize >= last) return Decoded<byte[]>.Refused("initrd is too large");
        header.InitrdAddress = (last - initrdSize) & ~0xfffu;
        header.InitrdSize = initrdSize;
        return patched;
    }

    private static uint LastInitrdByte(SetupHeader header, ulong memorySize)
    {
        var limit = header switch
        {
            { Protocol: >= 0x20c, CanBeLoadedAbove4G: true } => uint.MaxValue,
            { Protocol: >= 0x20c } => DefaultInitrdMax,
            { Protocol: >= 0x203, InitrdAddressMax: not 0 } => header.InitrdAddressMax,
            _ => DefaultInitrdMax,
        };

        // q35 keeps up to 2.75 GiB below 4 GiB; a machine with more keeps 2 GiB there.
        var lowMemory = memorySize < TdHob.SplitMemory ? (uint)memorySize : 0x8000_0000;
        return lowMemory <= AcpiReserve ? 0 : Math.Min(limit, lowMemory - AcpiReserve - 1);
    }

    private readonly ref struct SetupHeader(Span<byte> image)
    {
        public const byte CanUseHeap = 0x80;

        private readonly Span<byte> _image = image;

        public ushort Protocol => BinaryPrimitives.ReadUInt16LittleEndian(_image[0x206..]);

        public bool IsLoadedHigh => (LoadFlags & 1) != 0;

        public bool CanBeLoadedAbove4G => (BinaryPrimitives.ReadUInt16LittleEndian(_image[0x236..]) & 0x40) != 0;

        public uint InitrdAddressMax => BinaryPrimitives.ReadUInt32LittleEndian(_image[0x22c..]);

        public byte TypeOfLoader { set => _image[0x210] = value; }

        public byte LoadFlags { get => _image[0x211]; set => _image[0x211] = value; }

        public uint HeapEndPointer { set => BinaryPrimitives.WriteUInt32LittleEndian(_image[0x224..], value); }

        public uint CommandLinePointer { set => BinaryPrimitives.WriteUInt32LittleEndian(_image[0x228..], value); }

        public uint InitrdAddress { set => BinaryPrimitives.WriteUInt32LittleEndian(_image[0x218..], value); }

        public uint InitrdSize { set => BinaryPrimitives.WriteUInt32LittleEndian(_image[0x21c..], value); }
    }
}

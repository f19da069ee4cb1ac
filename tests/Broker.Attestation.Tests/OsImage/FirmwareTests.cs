using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Broker.Attestation.OsImage;

namespace Broker.Attestation.Tests.OsImage;

public class FirmwareTests
{
    [Fact]
    public void The_layout_of_dstacks_firmware_is_its_published_witness()
    {
        // The sections that the reference's own test gives, in its order, and the witness it expects of them.
        var firmware = TestFirmware.With(
            new TdvfSection(0, 0, 0x810000, 0x10000, 3, 0), new TdvfSection(0, 0, 0x80b000, 0x2000, 3, 0),
            new TdvfSection(0, 0, 0x809000, 0x2000, 2, 0), new TdvfSection(0, 0, 0x800000, 0x6000, 3, 0));
        var witness = TdHobWitness.Decode(Convert.FromHexString("80100904000609020b021010")).Value.ShouldNotBeNull();

        var layout = Tdvf.Parse(firmware).Value.ShouldNotBeNull().HobLayout().Value.ShouldNotBeNull();

        layout.Base.ShouldBe(witness.Base);
        layout.Accepted.Order().ShouldBe(witness.Accepted);
        // Published in the lite fixture: the digest that a machine of 2 GiB measures.
        Convert.ToHexStringLower(TdHob.Measure(layout, 0x8000_0000))
            .ShouldStartWith("0b8772e5b0b41b83e6044a68397e02f4");
    }

    [Fact]
    public void Measures_pages_in_the_order_of_either_QEMU()
    {
        // Two pages of content, one that is only added, one that is added later; by the TDX module's rules, by hand.
        var firmware = TestFirmware.With(
            new TdvfSection(0, 0x1800, 0xff000, 0x2000, 0, 1), new TdvfSection(0, 0, 0x1000, 0x1000, 3, 0),
            new TdvfSection(0, 0, 0x9000, 0x1000, 4, 2));
        byte[] Add(ulong page) => Record("MEM.PAGE.ADD", page);
        byte[] Extend(int page) => Enumerable.Range(0, 16).SelectMany(chunk =>
        {
            var offset = (page * 0x1000) + (chunk * 0x100);
            var content = Enumerable.Range(offset, 0x100).Select(at => at < 0x1800 ? firmware[at] : (byte)0);
            return Record("MR.EXTEND", 0xff000UL + (ulong)offset).Concat(content);
        }).ToArray();

        var tdvf = Tdvf.Parse(firmware).Value.ShouldNotBeNull();

        tdvf.MrTd(twoPasses: true)
            .ShouldBe(SHA384.HashData([.. Add(0xff000), .. Add(0x100000), .. Extend(0), .. Extend(1), .. Add(0x1000)]));
        tdvf.MrTd(twoPasses: false)
            .ShouldBe(SHA384.HashData([.. Add(0xff000), .. Extend(0), .. Add(0x100000), .. Extend(1), .. Add(0x1000)]));
    }

    [Fact]
    public void Refuses_firmware_whose_sections_are_impossible()
    {
        var faults = new Dictionary<TdvfSection, string>
        {
            [new(0, 0, 0x800, 0x1000, 0, 0)] = "memory address is not aligned",
            [new(0, 0, 0x1000, 0x800, 0, 0)] = "memory size is not aligned",
            [new(0, 0x2000, 0x1000, 0x1000, 0, 0)] = "more data than memory",
            [new(0x7fffffff, 0x1000, 0x1000, 0x1000, 0, 1)] = "data reaches past the image",
            [new(0, 0, ulong.MaxValue - 0xfff, 0x1000, 0, 0)] = "memory reaches past the address space",
            [new(0, 0, 0x1000, 0x1_0000_0000, 0, 0)] = "cover more memory than firmware has",
        };
        foreach (var (section, fault) in faults)
        {
            Tdvf.Parse(TestFirmware.With(section)).Error.ShouldNotBeNull().ShouldContain(fault);
        }

        // Their sizes add up to 2^64, which is nothing in 64 bits.
        var half = new TdvfSection(0, 0, 0, 1UL << 63, 0, 0);
        Tdvf.Parse(TestFirmware.With(half, half with { Address = 0x1000 })).Error
            .ShouldNotBeNull().ShouldContain("cover more memory than firmware has");

        Tdvf.Parse(TestFirmware.With()).Value.ShouldNotBeNull().HobLayout().Error.ShouldNotBeNull();
    }

    [Fact]
    public void Any_changed_byte_of_the_metadata_is_refused_or_measured_and_never_throws()
    {
        var firmware = TestFirmware.With(new TdvfSection(0, 0x1000, 0xff000, 0x1000, 0, 1));
        for (var at = TestFirmware.ContentLength; at < firmware.Length; at++)
        {
            foreach (var value in (byte[])[0, 1, 0x7f, 0xff])
            {
                var changed = firmware.ToArray();
                changed[at] = value;
                if (Tdvf.Parse(changed).Value is { } parsed) parsed.MrTd(true).Length.ShouldBe(48);
            }
        }

        for (var length = 0; length < firmware.Length; length += 7)
        {
            Tdvf.Parse(firmware.AsMemory(0, length)).Succeeded.ShouldBeFalse();
        }
    }

    [Theory]
    [InlineData(0x20c, 0x40, 0x7fe00000UL, 0x7fe00000UL - 0x28000 - 1)] // all of low memory, less QEMU's reserve
    [InlineData(0x20c, 0x40, 0x80000000UL, 0x80000000UL - 0x28000 - 1)]
    [InlineData(0x20c, 0x40, 0xafff0000UL, 0xafff0000UL - 0x28000 - 1)]
    [InlineData(0x20c, 0x40, 0xb0000000UL, 0x80000000UL - 0x28000 - 1)] // from 2.75 GiB on as with 2 GiB
    [InlineData(0x20c, 0x40, 0x4000000000UL, 0x80000000UL - 0x28000 - 1)]
    [InlineData(0x20c, 0x00, 0x80000000UL, 0x37ffffffUL)]
    [InlineData(0x203, 0x00, 0x80000000UL, 0x12345fffUL)] // the header's own limit
    [InlineData(0x202, 0x00, 0x80000000UL, 0x37ffffffUL)]
    public void Patches_the_kernels_header_as_QEMU_does(
        int protocol, byte loadFlags, ulong memory, ulong lastInitrdByte)
    {
        var kernel = new byte[0x1000];
        BinaryPrimitives.WriteUInt16LittleEndian(kernel.AsSpan(0x206), (ushort)protocol);
        BinaryPrimitives.WriteUInt16LittleEndian(kernel.AsSpan(0x236), loadFlags);
        BinaryPrimitives.WriteUInt32LittleEndian(kernel.AsSpan(0x22c), 0x12345fff);
        kernel[0x211] = 1;

        var patched = LinuxKernel.Patch(kernel, 0x100001, memory).Value.ShouldNotBeNull();

        patched[0x210].ShouldBe((byte)0xb0);
        patched[0x211].ShouldBe((byte)0x81);
        UInt32(patched, 0x224).ShouldBe(0x20000u - 0x10000 - 0x200);
        UInt32(patched, 0x228).ShouldBe(0x20000u);
        UInt32(patched, 0x218).ShouldBe((uint)(lastInitrdByte - 0x100001) & ~0xfffu);
        UInt32(patched, 0x21c).ShouldBe(0x100001u);
        var changed = Enumerable.Range(0, kernel.Length).Where(at => kernel[at] != patched[at]);
        changed.ShouldAllBe(at
            => (at >= 0x210 && at < 0x212) || (at >= 0x218 && at < 0x220) || (at >= 0x224 && at < 0x22c));
    }

    [Fact]
    public void Refuses_a_kernel_or_an_initrd_that_QEMU_would()
    {
        LinuxKernel.Patch(new byte[0xfff], 1, 0x80000000).Error.ShouldBe("the kernel image is too short");
        LinuxKernel.Patch(new byte[0x1000], 1, 0x80000000).Error.ShouldBe("kernel boot protocol 0x0 is too old");
        var kernel = new byte[0x1000];
        kernel[0x207] = 2;
        kernel[0x206] = 2;
        LinuxKernel.Patch(kernel, 0x38000000, 0x80000000).Error.ShouldBe("initrd is too large");
        LinuxKernel.Patch(kernel, 1, 0x1000).Error.ShouldBe("initrd is too large");
    }

    [Fact]
    public void Leaves_checksum_and_signatures_out_of_an_Authenticode_digest()
    {
        var image = TestFirmware.PeImage(signature: 16);
        // By the specification: headers without checksum and security entry, sections, no signatures, padding to 8.
        var expected = SHA384.HashData(
            [.. image[..0xd8], .. image[0xdc..0x128], .. image[0x130..0x200], .. image[0x200..0x403], .. new byte[5]]);

        Authenticode.Sha384(image).Value.ShouldBe(expected);
        image[0xd8] ^= 1;
        image[^1] ^= 1;
        Authenticode.Sha384(image).Value.ShouldBe(expected);
        image[0x210] ^= 1;
        Authenticode.Sha384(image).Value.ShouldNotBe(expected);
    }

    [Fact]
    public void A_PE_header_that_points_anywhere_never_throws()
    {
        var image = TestFirmware.PeImage(signature: 16);
        for (var at = 0; at < 0x200; at++)
        {
            foreach (var value in (byte[])[0x7f, 0xff])
            {
                var changed = image.ToArray();
                changed[at] = value;
                _ = Authenticode.Sha384(changed);
            }
        }

        Authenticode.Sha384(image.AsSpan(0, 100)).Error.ShouldNotBeNull().ShouldContain("points outside the file");
        Authenticode.Sha384(new byte[512]).Error.ShouldNotBeNull().ShouldContain("invalid PE signature");
    }

    private static byte[] Record(string operation, ulong address)
    {
        var record = new byte[128];
        Encoding.ASCII.GetBytes(operation, record);
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(16), address);
        return record;
    }

    private static uint UInt32(byte[] bytes, int offset)
        => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(offset));
}

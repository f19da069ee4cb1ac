using System.Buffers.Binary;
using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using Broker.Attestation.EventLog;
using Broker.Attestation.Evidence;
using Broker.Attestation.OsImage;
using Broker.Attestation.Quotes;
using Broker.Attestation.Simulation;
using Broker.Attestation.Tests.Dstack;
using Broker.Attestation.Tests.Simulation;

namespace Broker.Attestation.Tests.OsImage;

/// <summary>
/// A small but whole OS image: firmware, kernel, initrd, metadata, manifest; and the registers of a machine that runs
/// it.
/// </summary>
internal sealed class TestImage
{
    private readonly Dictionary<string, byte[]> _files;

    public TestImage(Action<Dictionary<string, byte[]>>? change = null, string? manifest = null)
    {
        var kernel = TestFirmware.PeImage(signature: 0).Concat(new byte[0x1000]).ToArray();
        BinaryPrimitives.WriteUInt16LittleEndian(kernel.AsSpan(0x206), 0x20c);
        BinaryPrimitives.WriteUInt16LittleEndian(kernel.AsSpan(0x236), 0x40);
        _files = new Dictionary<string, byte[]>
        {
            ["ovmf.fd"] = TestFirmware.With(
                new TdvfSection(0, 0x2000, 0xff000, 0x2000, 0, 1), new TdvfSection(0, 0, 0x809000, 0x2000, 2, 0),
                new TdvfSection(0, 0, 0x800000, 0x6000, 3, 0)),
            ["bzImage"] = kernel,
            ["initramfs.cpio.gz"] = Encoding.ASCII.GetBytes("initrd"),
            ["metadata.json"] = Encoding.ASCII.GetBytes(
                "{\"bios\":\"ovmf.fd\",\"kernel\":\"bzImage\",\"initrd\":\"initramfs.cpio.gz\","
                + "\"cmdline\":\"console=ttyS0\",\"version\":\"0.5.5\"}"),
        };
        change?.Invoke(_files);
        Manifest = Encoding.ASCII.GetBytes(manifest ?? string.Concat(
            _files.Select(file => $"{Convert.ToHexStringLower(SHA256.HashData(file.Value))}  {file.Key}\n")));
    }

    public byte[] Manifest { get; }

    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Manifest));

    public string VmConfig
        => $"{{\"os_image_hash\":\"{Hash}\",\"cpu_count\":2,\"memory_size\":4294967296,\"qemu_version\":\"8.2.2\"}}";

    public byte[] Archive(params TarEntry[] more)
    {
        var entries = _files.Append(new("sha256sum.txt", Manifest))
            .Select(file => new PaxTarEntry(TarEntryType.RegularFile, $"./{file.Key}")
            {
                DataStream = new MemoryStream(file.Value),
            });
        return ImageArchiveTests.Pack([.. entries, .. more]);
    }

    /// <summary>A simulated machine that measured this image, and for RTMR0 what the caller says.</summary>
    public VerifiedTdxAttestation Machine(Simulated simulated, byte[] rtmr0, byte[]? mrtd = null)
    {
        var kernel = LinuxKernel.Patch(_files["bzImage"], (uint)_files["initramfs.cpio.gz"].Length, 4294967296).Value!;
        var td = new SimulatedTd
        {
            MrTd = mrtd ?? Tdvf.Parse(_files["ovmf.fd"]).Value!.MrTd(twoPasses: true),
            RtMr0 = rtmr0,
            RtMr1 = Replay(
                Authenticode.Sha384(kernel).Value!,
                Sha384("Calling EFI Application from Boot Option"), Sha384("\0\0\0\0"),
                Sha384("Exit Boot Services Invocation"), Sha384("Exit Boot Services Returned with Success")),
            RtMr2 = Replay(
                SHA384.HashData(Encoding.Unicode.GetBytes("console=ttyS0 initrd=initrd\0")),
                SHA384.HashData(_files["initramfs.cpio.gz"])),
        };
        return BootInfoTests.Trusted(
            new TdxAttestation(new EncodedQuote(simulated.Quote(td)), TdxEventLog.Empty, [], new byte[64], VmConfig));
    }

    private static byte[] Sha384(string text) => SHA384.HashData(Encoding.ASCII.GetBytes(text));

    private static byte[] Replay(params byte[][] digests)
        => digests.Aggregate(new byte[48], (register, digest) => SHA384.HashData([.. register, .. digest]));
}

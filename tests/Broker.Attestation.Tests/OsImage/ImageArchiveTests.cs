using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Broker.Attestation.OsImage;
using Broker.Attestation.VirtualMachine;

namespace Broker.Attestation.Tests.OsImage;

public sealed class ImageArchiveTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("image-archive-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("bzImage")]
    [InlineData("./bzImage")]
    public async Task Unpacks_files_at_the_root(string name)
    {
        (await UnpackAsync(File(name, "kernel"))).ShouldBeNull();

        System.IO.File.ReadAllText(Path.Combine(_folder, "bzImage")).ShouldBe("kernel");
    }

    [Theory]
    [InlineData("../bzImage", "image archive contains an unsafe path")]
    [InlineData("a/../../bzImage", "image archive contains an unsafe path")]
    [InlineData("/etc/passwd", "image archive contains an unsafe path")]
    [InlineData("a\\b", "image archive contains an unsafe path")]
    public async Task Refuses_a_path_that_leaves_the_root(string name, string refusal)
    {
        (await UnpackAsync(File(name, "x"))).ShouldBe(refusal);

        Directory.EnumerateFileSystemEntries(_folder).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(TarEntryType.SymbolicLink)]
    [InlineData(TarEntryType.HardLink)]
    [InlineData(TarEntryType.Fifo)]
    [InlineData(TarEntryType.CharacterDevice)]
    public async Task Refuses_what_is_neither_file_nor_folder(TarEntryType type)
    {
        var entry = new PaxTarEntry(type, "link");
        if (type is TarEntryType.SymbolicLink or TarEntryType.HardLink) entry.LinkName = "/etc/passwd";

        (await UnpackAsync(entry)).ShouldBe("image archive contains an entry that is neither file nor folder");
    }

    [Fact]
    public async Task Leaves_out_what_lies_deeper_because_nothing_can_list_it()
    {
        (await UnpackAsync(new PaxTarEntry(TarEntryType.Directory, "dir/"), File("dir/file", "x"))).ShouldBeNull();

        Directory.EnumerateFileSystemEntries(_folder).ShouldBeEmpty();
    }

    [Fact]
    public async Task Refuses_a_file_that_comes_twice()
        => (await UnpackAsync(File("a", "1"), File("./a", "2")))
            .ShouldBe("image archive contains a file more than once");

    [Fact]
    public async Task Stops_at_its_bound_however_small_the_archive_is()
    {
        var bomb = Pack(File("zeros", new string('\0', 4 * 1024 * 1024)));
        bomb.Length.ShouldBeLessThan(64 * 1024);

        (await ImageArchive.UnpackAsync(new MemoryStream(bomb), _folder, 1024 * 1024, CancellationToken.None))
            .ShouldBe("image archive unpacks to more than 1048576 bytes");
    }

    [Fact]
    public async Task Reads_all_members_of_a_concatenated_gzip()
    {
        var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, leaveOpen: true)) writer.WriteEntry(File("a", new string('x', 5000)));
        var bytes = tar.ToArray();

        byte[] archive = [.. Gzip(bytes[..1000]), .. Gzip(bytes[1000..])];

        (await ImageArchive.UnpackAsync(new MemoryStream(archive), _folder, 1024 * 1024, CancellationToken.None))
            .ShouldBeNull();
        new FileInfo(Path.Combine(_folder, "a")).Length.ShouldBe(5000);
    }

    [Theory]
    [InlineData(TarEntryFormat.V7, 90)]
    [InlineData(TarEntryFormat.Ustar, 90)]
    [InlineData(TarEntryFormat.Pax, 200)]
    [InlineData(TarEntryFormat.Gnu, 200)]
    public async Task Reads_every_form_of_tar_and_its_long_names(TarEntryFormat format, int length)
    {
        var name = new string('n', length);
        TarEntry entry = format switch
        {
            TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, name),
            TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, name),
            TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name),
            _ => new PaxTarEntry(TarEntryType.RegularFile, name),
        };
        entry.DataStream = new MemoryStream(new byte[1000]);

        (await UnpackAsync(entry, File("after", "x"))).ShouldBeNull();

        new FileInfo(Path.Combine(_folder, name)).Length.ShouldBe(1000);
        System.IO.File.ReadAllText(Path.Combine(_folder, "after")).ShouldBe("x");
    }

    [Fact]
    public async Task Refuses_a_name_that_no_file_system_takes()
        => (await UnpackAsync(File(new string('n', 256), "x"))).ShouldBe("image archive contains an unsafe path");

    // The framework's reader allocates what such a header claims before it has the bytes.
    [Theory]
    [InlineData('x')]
    [InlineData('L')]
    public async Task Refuses_attributes_that_claim_to_be_huge(char kind)
    {
        var header = new byte[512];
        "name"u8.CopyTo(header);
        "77777777777\0"u8.CopyTo(header.AsSpan(124));
        header[156] = (byte)kind;
        "ustar\0"u8.CopyTo(header.AsSpan(257));
        var sum = (8 * ' ') + header.Sum(one => one);
        Encoding.ASCII.GetBytes($"{Convert.ToString(sum, 8).PadLeft(6, '0')}\0 ").CopyTo(header.AsSpan(148));
        var archive = new MemoryStream(Gzip([.. header, .. new byte[1024]]));
        var before = GC.GetAllocatedBytesForCurrentThread();

        (await ImageArchive.UnpackAsync(archive, _folder, 1024 * 1024, CancellationToken.None))
            .ShouldBe("image archive is not a gzip-compressed tar");

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(4 * 1024 * 1024);
    }

    /// <summary>POSIX pax, "Extended Header": the length of a record and a size are decimal digits.</summary>
    [Theory]
    [InlineData("10 path=a\n", null)]
    [InlineData("+11 path=a\n", "image archive is not a gzip-compressed tar")]
    [InlineData("11\0 path=a\n", "image archive is not a gzip-compressed tar")]
    [InlineData("10 size=1\n", null)]
    [InlineData("11 size=+1\n", "image archive is not a gzip-compressed tar")]
    [InlineData("11 size=1\0\n", "image archive is not a gzip-compressed tar")]
    public async Task The_numbers_of_attributes_are_digits(string attributes, string? refusal)
    {
        byte[] tar =
        [
            .. Header('x', attributes.Length), .. Padded(attributes), .. Header('0', 1), .. Padded("x"),
            .. new byte[1024],
        ];

        (await ImageArchive.UnpackAsync(new MemoryStream(Gzip(tar)), _folder, 65_536, CancellationToken.None))
            .ShouldBe(refusal);
    }

    private static byte[] Padded(string content)
    {
        var blocks = new byte[512];
        Encoding.ASCII.GetBytes(content).CopyTo(blocks, 0);
        return blocks;
    }

    private static byte[] Header(char kind, int length)
    {
        var header = new byte[512];
        "name"u8.CopyTo(header);
        Encoding.ASCII.GetBytes($"{Convert.ToString(length, 8).PadLeft(11, '0')}\0").CopyTo(header.AsSpan(124));
        header[156] = (byte)kind;
        "ustar\0"u8.CopyTo(header.AsSpan(257));
        var sum = (8 * ' ') + header.Sum(one => one);
        Encoding.ASCII.GetBytes($"{Convert.ToString(sum, 8).PadLeft(6, '0')}\0 ").CopyTo(header.AsSpan(148));
        return header;
    }

    [Theory]
    [InlineData("not gzip at all")]
    [InlineData("")]
    public async Task Refuses_what_is_no_archive(string content)
    {
        var refusal = await ImageArchive.UnpackAsync(
            new MemoryStream(Encoding.ASCII.GetBytes(content)), _folder, 1024, CancellationToken.None);

        if (content.Length > 0) refusal.ShouldBe("image archive is not a gzip-compressed tar");
        Directory.EnumerateFileSystemEntries(_folder).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("00  a", "image manifest line 1 has no SHA-256")]
    [InlineData("{0}", "image manifest entry is missing a path")]
    [InlineData("{0}  a  b", "image manifest line 1 has extra fields")]
    [InlineData("{0}  ../a", "image manifest line 1 has an unsafe path")]
    [InlineData("{0}  a/b", "image manifest line 1 has an unsafe path")]
    [InlineData("{0}  ..", "image manifest line 1 has an unsafe path")]
    [InlineData("{0}  sha256sum.txt", "image manifest must not recursively list sha256sum.txt")]
    [InlineData("{0}  a\n{0}  a", "image manifest line 2 lists a file again")]
    public void Says_what_is_wrong_with_a_manifest(string text, string error)
    {
        text = text.Replace("{0}", new string('a', 64), StringComparison.Ordinal);

        ImageManifest.Parse(Encoding.UTF8.GetBytes(text)).Error.ShouldBe(error);
    }

    internal static PaxTarEntry File(string name, string content)
        => new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) };

    internal static byte[] Pack(params TarEntry[] entries)
    {
        var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, leaveOpen: true))
        {
            foreach (var entry in entries) writer.WriteEntry(entry);
        }

        return Gzip(tar.ToArray());
    }

    private static byte[] Gzip(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(bytes);
        return packed.ToArray();
    }

    private Task<string?> UnpackAsync(params TarEntry[] entries)
        => ImageArchive.UnpackAsync(new MemoryStream(Pack(entries)), _folder, 1024 * 1024, CancellationToken.None);
}

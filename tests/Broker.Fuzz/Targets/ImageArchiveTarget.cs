using System.Formats.Tar;
using System.IO.Compression;
using Broker.Attestation.OsImage;

namespace Broker.Fuzz.Targets;

/// <summary>
/// OS images as they are downloaded. Inputs are tar, which is packed here; those that begin as gzip are taken as they
/// are. Nothing may appear outside the folder, and nothing in it but plain files.
/// </summary>
internal sealed class ImageArchiveTarget : IFuzzTarget
{
    private const long MaxUnpacked = 1024 * 1024;

    public string Name => "image-archive";

    public int Weight => 1;

    public IEnumerable<byte[]> Seeds()
    {
        foreach (var format in (TarEntryFormat[])[TarEntryFormat.V7, TarEntryFormat.Ustar, TarEntryFormat.Pax,
            TarEntryFormat.Gnu])
        {
            yield return Tar(format);
        }

        yield return Gzip(Tar(TarEntryFormat.Pax));
    }

    public void Execute(byte[] input)
    {
        var archive = input is [0x1f, 0x8b, ..] ? input : Gzip(input);
        var outer = Directory.CreateTempSubdirectory("fuzz-image-");
        try
        {
            var folder = outer.CreateSubdirectory("image");
            ImageArchive.UnpackAsync(new MemoryStream(archive), folder.FullName, MaxUnpacked, CancellationToken.None)
                .GetAwaiter().GetResult();
            if (outer.GetFileSystemInfos().Length != 1) throw new FuzzFindingException("wrote outside its folder");
            if (folder.GetDirectories().Length != 0 || folder.GetFiles().Any(file => file.LinkTarget is not null))
                throw new FuzzFindingException("made something else than files");
        }
        finally
        {
            outer.Delete(recursive: true);
        }
    }

    public long AllocationBound(int inputLength) => (2 * 1024 * 1024) + (64L * inputLength);

    private static byte[] Tar(TarEntryFormat format)
    {
        using var output = new MemoryStream();
        using (var tar = new TarWriter(output, format, leaveOpen: true))
        {
            foreach (var name in (string[])["sha256sum.txt", "./metadata.json", "folder/within"])
            {
                TarEntry entry = format switch
                {
                    TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, name),
                    TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, name),
                    TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name),
                    _ => new PaxTarEntry(TarEntryType.RegularFile, name),
                };
                entry.DataStream = new MemoryStream([1, 2, 3]);
                tar.WriteEntry(entry);
            }
        }

        return output.ToArray();
    }

    private static byte[] Gzip(byte[] tar)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.NoCompression)) gzip.Write(tar);
        return output.ToArray();
    }
}

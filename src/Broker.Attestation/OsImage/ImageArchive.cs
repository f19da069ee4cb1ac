using System.IO.Compression;
using System.Text;

namespace Broker.Attestation.OsImage;

/// <summary>
/// Unpacks an image archive (gzip of tar, members may be concatenated) into an empty folder. Only regular files at the
/// archive's root are written, because only those can be listed; anything that is not a file or a folder, or whose path
/// leaves the root, refuses the whole archive.
/// </summary>
internal static class ImageArchive
{
    private const int MaxEntries = 4096;

    /// <summary>In bytes; no file system takes more.</summary>
    private const int MaxNameLength = 255;

    /// <summary>Null when everything was unpacked; otherwise why not.</summary>
    public static async Task<string?> UnpackAsync(
        Stream archive, string folder, long maxUnpackedLength, CancellationToken stop)
    {
        try
        {
            await using var gzip = new GZipStream(archive, CompressionMode.Decompress, leaveOpen: true);
            await using var bounded = new BoundedReadStream(gzip, maxUnpackedLength);
            var tar = new TarArchive(bounded);
            for (var count = 0; await tar.NextAsync(stop) is { } entry; count++)
            {
                if (count >= MaxEntries) return $"image archive has more than {MaxEntries} entries";
                if (await UnpackAsync(tar, entry, folder, stop) is { } refusal) return refusal;
            }

            return null;
        }
        catch (BoundExceededException)
        {
            return $"image archive unpacks to more than {maxUnpackedLength} bytes";
        }
        catch (Exception fault) when (fault is InvalidDataException or EndOfStreamException)
        {
            return "image archive is not a gzip-compressed tar";
        }
    }

    private static async Task<string?> UnpackAsync(
        TarArchive tar, TarArchiveEntry entry, string folder, CancellationToken stop)
    {
        const char oldFile = '\0', file = '0', directory = '5';
        var path = entry.Path;
        if (path.StartsWith('/') || path.Contains('\\', StringComparison.Ordinal) || path.Split('/').Contains(".."))
        {
            return "image archive contains an unsafe path";
        }

        if (entry.Kind == directory || path.EndsWith('/')) return null;
        if (entry.Kind is not (oldFile or file))
        {
            return "image archive contains an entry that is neither file nor folder";
        }

        if (path.Split('/').Where(part => part is not ("" or ".")).ToList() is not [var name]) return null;
        if (Encoding.UTF8.GetByteCount(name) > MaxNameLength) return "image archive contains an unsafe path";
        var target = Path.Combine(folder, name);
        if (File.Exists(target)) return "image archive contains a file more than once";
        await using var written = new FileStream(target, FileMode.CreateNew, FileAccess.Write);
        await tar.CopyToAsync(written, stop);
        return null;
    }
}

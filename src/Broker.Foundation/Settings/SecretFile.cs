using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Broker.Foundation.Settings;

/// <summary>
/// The one way in which a file that holds a secret is read: nobody but its owner may read or write it, and its length
/// is bounded before it is read.
/// </summary>
public static class SecretFile
{
    private const UnixFileMode Group = UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>How the form of such a setting is told.</summary>
    public const string Form = "path of a file that only its owner may read (mode 0600)";

    /// <summary>
    /// The text of the file, without white space around it; not more than <paramref name="longest"/> bytes.
    /// </summary>
    /// <exception cref="FormatException">The file cannot be used; the reason says nothing of what it holds.</exception>
    public static string ReadText(string path, int longest) =>
        Encoding.UTF8.GetString(ReadBytes(path, longest)).TrimStart('\uFEFF').Trim();

    /// <summary>What the file holds; not more than <paramref name="longest"/> bytes.</summary>
    /// <exception cref="FormatException">The file cannot be used; the reason says nothing of what it holds.</exception>
    public static byte[] ReadBytes(string path, int longest)
    {
        try
        {
            // Judged once it is open: another file may take the name in between.
            using var file = File.OpenHandle(path);
            if (IsOpenToOthers(path, File.GetUnixFileMode(file)))
                throw new FormatException($"may be read or written by others; run: chmod 600 {path}");
            return ReadBounded(file, longest);
        }
        catch (Exception unreadable)
            when (unreadable is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new FormatException($"must name a readable file: {unreadable.Message}", unreadable);
        }
    }

    private static byte[] ReadBounded(SafeFileHandle file, int longest)
    {
        // A file of the kernel tells no length, so the length that a file tells is no bound.
        var content = new byte[longest + 1];
        for (var read = 0; read < content.Length;)
        {
            var more = RandomAccess.Read(file, content.AsSpan(read), read);
            if (more == 0) return content[..read];
            read += more;
        }

        throw new FormatException($"is larger than {longest} bytes");
    }

    /// <summary>
    /// systemd's credentials have an access list, whose mask shows as bits of the group; their folder is closed to all
    /// others.
    /// </summary>
    private static bool IsOpenToOthers(string path, UnixFileMode mode)
    {
        var credentials = Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY");
        var isCredential = credentials is { Length: > 0 }
            && Path.GetDirectoryName(Path.GetFullPath(path)) == Path.TrimEndingDirectorySeparator(credentials);
        return (mode & (isCredential ? Others : Group | Others)) != 0;
    }
}

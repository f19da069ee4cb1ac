using System.Runtime.InteropServices;

namespace Broker.Kms.Keys;

/// <summary>Files that are on the disk when the call returns, with their mode set before their content.</summary>
internal static partial class DurableFile
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    public const UnixFileMode ReadableByAll = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    public const UnixFileMode OwnerOnlyFolder = OwnerOnly | UnixFileMode.UserExecute;

    /// <summary>Writes a new file.</summary>
    /// <exception cref="IOException">It exists, or the disk refuses.</exception>
    public static void Create(string path, ReadOnlySpan<byte> content, UnixFileMode mode) =>
        Write(path, content, mode, FileMode.CreateNew);

    /// <summary>Replaces a file at once: a crash leaves the old content or the new one.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        var temporary = path + ".tmp";
        Write(temporary, content, mode, FileMode.Create);
        File.Move(temporary, path, overwrite: true);
        FlushFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>
    /// Makes names that were created in, moved into or removed from <paramref name="folder"/> durable.
    /// </summary>
    public static void FlushFolder(string folder)
    {
        const int readOnly = 0;
        var descriptor = Open(folder, readOnly);
        if (descriptor < 0) throw new IOException($"cannot open {folder}: error {Marshal.GetLastPInvokeError()}");
        try
        {
            if (Flush(descriptor) != 0)
                throw new IOException($"cannot flush {folder}: error {Marshal.GetLastPInvokeError()}");
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode, FileMode opening)
    {
        var options = new FileStreamOptions { Mode = opening, Access = FileAccess.Write, UnixCreateMode = mode };
        using var file = new FileStream(path, options);
        file.Write(content);
        file.Flush(flushToDisk: true);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Flush(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int descriptor);
}

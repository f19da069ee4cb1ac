using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Broker.Foundation;

/// <summary>
/// The one way in which files of ours are written: whole or not at all, with their mode from the first byte, and on
/// the disk (content and name) when the call returns.
/// </summary>
public static partial class DurableFile
{
    /// <summary>Mode 0600.</summary>
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Mode 0644.</summary>
    public const UnixFileMode ReadableByAll = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Mode 0700.</summary>
    public const UnixFileMode OwnerOnlyFolder = OwnerOnly | UnixFileMode.UserExecute;

    /// <summary>Writes a new file. An existing file is never replaced, also not when two processes race.</summary>
    /// <exception cref="IOException">The name is taken, or the disk refuses; nothing is left behind.</exception>
    public static void Create(string path, ReadOnlySpan<byte> content, UnixFileMode mode = OwnerOnly) =>
        Write(path, content, mode, overwrite: false);

    /// <summary>Replaces a file at once, or makes it: a crash leaves the old content or the new one.</summary>
    /// <exception cref="IOException">The disk refuses; the old content stays.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content, UnixFileMode mode = OwnerOnly) =>
        Write(path, content, mode, overwrite: true);

    /// <summary>
    /// Gives a file that was written beside it the name <paramref name="path"/>, once its content is on the disk. An
    /// existing file is never replaced.
    /// </summary>
    /// <exception cref="IOException">The name is taken, or the disk refuses; the unfinished file stays.</exception>
    public static void Adopt(string unfinished, string path)
    {
        using (var file = new FileStream(unfinished, FileMode.Open, FileAccess.ReadWrite))
            file.Flush(flushToDisk: true);
        if (Link(unfinished, path) != 0) throw NotLinked(path, Marshal.GetLastPInvokeError());
        File.Delete(unfinished);
        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>
    /// Makes names that were created in, moved into or removed from <paramref name="folder"/> durable.
    /// </summary>
    /// <exception cref="IOException">The folder cannot be opened or flushed.</exception>
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

    private static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode, bool overwrite)
    {
        path = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(path) ?? throw new IOException($"{path} is a folder");
        var random = RandomNumberGenerator.GetHexString(16, lowercase: true);
        var unfinished = Path.Combine(folder, $".{Path.GetFileName(path)}.{random}");
        var creation = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = mode,
        };
        try
        {
            using (var file = new FileStream(unfinished, creation))
            {
                // The process's umask may have taken bits away.
                File.SetUnixFileMode(file.SafeFileHandle, mode);
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            // A link fails where the name exists; the framework's move looks first and renames then.
            if (overwrite) File.Move(unfinished, path, overwrite: true);
            else if (Link(unfinished, path) != 0) throw NotLinked(path, Marshal.GetLastPInvokeError());
        }
        finally
        {
            File.Delete(unfinished);
        }

        FlushFolder(folder);
    }

    private static IOException NotLinked(string path, int error)
    {
        const int exists = 17;
        return new IOException(error == exists ? $"{path} exists already" : $"cannot create {path}: error {error}");
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Link(string existing, string name);

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

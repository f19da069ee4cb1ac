using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Broker.Ledger.Sqlite.Files;

/// <summary>
/// Locks a file itself, not its name: an open file description lock (fcntl(2)) on one byte that nobody else uses. The
/// kernel keeps it by device and inode, so that every other name of the file, hard or symbolic link, leads to it.
/// SQLite's locks on the same file are on other bytes.
/// </summary>
[SupportedOSPlatform("linux")]
internal static partial class OpenFileLock
{
    private const int SetLock = 37;
    private const short WriteLock = 1;
    private const int TryAgain = 11;
    private const int PermissionDenied = 13;

    // SQLite locks bytes from 2³⁰ on (sqlite.org/fileformat.html §1.3); a ledger never has so many bytes as this.
    private const long Byte = 1L << 60;

    /// <summary>Takes the lock until the handle is closed. False when another handle has it.</summary>
    /// <exception cref="IOException">The file system cannot lock.</exception>
    public static bool TryTake(SafeFileHandle file)
    {
        var wanted = new Request { Type = WriteLock, Start = Byte, Length = 1 };
        if (Control(file, SetLock, ref wanted) == 0) return true;
        var error = Marshal.GetLastPInvokeError();
        return error is TryAgain or PermissionDenied
            ? false
            : throw new IOException($"the file system cannot lock: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, int command, ref Request request);

    /// <summary><c>struct flock</c> of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Request
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int Process;
    }
}

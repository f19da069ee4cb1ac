using System.Runtime.InteropServices;

namespace Broker.Ledger.Sqlite.Connections;

/// <summary>Threads whose work may wait for that of requests.</summary>
internal static partial class BackgroundThread
{
    private const int Process = 0;
    private const int ThisThread = 0;
    private const int Nicer = 10;

    /// <summary>
    /// Lets the kernel prefer other threads to this one, which the framework's own priorities do not do on Linux
    /// (setpriority(2), "C library/kernel differences": the value is a thread's own).
    /// </summary>
    public static void LowerPriority()
    {
        if (OperatingSystem.IsLinux()) _ = SetPriority(Process, ThisThread, Nicer);
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetPriority(int which, int who, int priority);
}

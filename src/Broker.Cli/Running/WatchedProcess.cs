using System.Runtime.InteropServices;
using Broker.Cli.Terminal;

namespace Broker.Cli.Running;

/// <summary>Another process, whose end is awaited: by a descriptor, since its number may be another's later.</summary>
internal sealed partial class WatchedProcess : IDisposable
{
    private const long PidfdOpen = 434; // the same on x64 and arm64
    private const short Readable = 1;
    private const int Interrupted = 4;

    private readonly int _descriptor;

    private WatchedProcess(int descriptor) => _descriptor = descriptor;

    /// <exception cref="CommandFailedException">There is no such process.</exception>
    public static WatchedProcess Open(int id)
    {
        var descriptor = (int)SystemCall(PidfdOpen, id, 0);
        return descriptor >= 0
            ? new WatchedProcess(descriptor)
            : throw new CommandFailedException(
                $"process {id}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
    }

    /// <summary>
    /// Ctrl-C, Ctrl-Z and a hang-up are for the command. It may go on after them, and needs its credentials then.
    /// </summary>
    public static void LeaveTerminal() => _ = StartSession();

    /// <summary>Completes once the process has ended.</summary>
    public Task EndAsync() => Task.Factory.StartNew(
        Wait, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public void Dispose() => _ = Close(_descriptor);

    private void Wait()
    {
        var polled = new Polled { Descriptor = _descriptor, Wanted = Readable };
        while (Poll(ref polled, 1, -1) < 0 && Marshal.GetLastPInvokeError() == Interrupted)
        {
            // A signal came; the process lives.
        }
    }

    /// <summary>struct pollfd.</summary>
    private struct Polled
    {
        public int Descriptor;
        public short Wanted;
        public short Found;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial long SystemCall(long number, long first, long second);

    [LibraryImport("libc", EntryPoint = "setsid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int StartSession();

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Poll(ref Polled polled, ulong count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int descriptor);
}

using System.Runtime.InteropServices;
using Broker.Cli.Terminal;

namespace Broker.Cli.Running;

/// <summary>
/// Puts a command in the place of this process (<c>execvp</c>). It has this process's id, terminal and files, so
/// signals and exit codes need no passing on. The environment's other variables keep every byte.
/// </summary>
internal static partial class ReplacedProcess
{
    private const int NoSuchFile = 2;
    private const int BrokenPipe = 13;
    private const int SetMask = 2;

    /// <summary>As a shell ends where there is no such command.</summary>
    private const int NotFound = 127;

    /// <summary>As a shell ends where there is one that cannot be run.</summary>
    private const int NotRun = 126;

    /// <summary>Returns only by its exception.</summary>
    /// <param name="command">The program, looked for in PATH, and its arguments.</param>
    /// <param name="removed">Variables that the command does not get.</param>
    /// <param name="added">Variables that it gets.</param>
    /// <exception cref="CommandFailedException">It cannot be run: exit code 127 or 126.</exception>
    public static int With(
        IReadOnlyList<string> command, IEnumerable<string> removed, IEnumerable<KeyValuePair<string, string>> added)
    {
        foreach (var name in removed) _ = UnsetVariable(name);
        foreach (var (name, value) in added) _ = SetVariable(name, value, overwrite: 1);
        RestoreSignals();

        var arguments = new nint[command.Count + 1]; // the last stays null
        for (var i = 0; i < command.Count; i++) arguments[i] = Marshal.StringToCoTaskMemUTF8(command[i]);
        _ = Execute(arguments[0], arguments);

        var error = Marshal.GetLastPInvokeError();
        throw new CommandFailedException(
            $"{command[0]}: {Marshal.GetPInvokeErrorMessage(error)}", error == NoSuchFile ? NotFound : NotRun);
    }

    /// <summary>
    /// .NET ignores SIGPIPE, and what is ignored stays so in the command: <c>yes | head</c> would never end. Its
    /// handlers go by themselves.
    /// </summary>
    private static unsafe void RestoreSignals()
    {
        _ = SetHandler(BrokenPipe, 0);
        var none = stackalloc byte[128]; // sigset_t of Linux, empty
        new Span<byte>(none, 128).Clear();
        _ = SetSignalMask(SetMask, none, null);
    }

    [LibraryImport("libc", EntryPoint = "execvp", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Execute(nint program, [In] nint[] arguments);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetVariable(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "unsetenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int UnsetVariable(string name);

    [LibraryImport("libc", EntryPoint = "signal")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint SetHandler(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int SetSignalMask(int how, byte* mask, byte* old);
}

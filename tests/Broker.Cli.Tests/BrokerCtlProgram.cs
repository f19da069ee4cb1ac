using System.CommandLine;
using System.Diagnostics;
using System.Text;

namespace Broker.Cli.Tests;

/// <summary>
/// The <c>brokerctl</c> that the tests run. The variable <c>BROKERCTL</c> names a published program, and then every
/// command is a process of it. Without the variable the managed build is tested.
/// </summary>
internal static class BrokerCtlProgram
{
    public const string Variable = "BROKERCTL";

    /// <summary>The published program, or null for the managed build.</summary>
    public static string? Published { get; } =
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path ? Path.GetFullPath(path) : null;

    /// <summary>Runs a command with no input: in this process when the managed build is tested.</summary>
    public static async Task<int> RunAsync(
        IReadOnlyList<Command> commands, string[] arguments, TextWriter output, TextWriter error,
        CancellationToken stop = default)
    {
        if (Published is null) return await BrokerCtl.RunAsync(commands, arguments, output, error, stop);
        using var process = Start(arguments);
        process.StandardInput.Close();
        await using var interruption = stop.Register(() => Interrupt(process.Id));
        await Task.WhenAll(CopyAsync(process.StandardOutput, output), CopyAsync(process.StandardError, error));
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode;
    }

    /// <summary>How a process of it is started.</summary>
    public static ProcessStartInfo Info(params string[] arguments) => Published is { } program
        ? new ProcessStartInfo(program, arguments)
        : new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "brokerctl.dll"), .. arguments]);

    /// <summary>Starts a process, as a shell does.</summary>
    public static Process Start(params string[] arguments)
    {
        var start = Info(arguments);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        return Process.Start(start)!;
    }

    // As systemd does: SIGINT is ignored by whatever a shell started in the background.
    private static void Interrupt(int process)
    {
        using var kill = Process.Start("kill", ["-TERM", $"{process}"]);
        kill.WaitForExit();
    }

    // Whole lines as they come, and at the end what no line break ended: some tests wait for a line.
    private static async Task CopyAsync(StreamReader from, TextWriter to)
    {
        var text = new StringBuilder();
        var buffer = new char[4096];
        while (await from.ReadAsync(buffer.AsMemory()) is > 0 and var count)
        {
            text.Append(buffer, 0, count);
            var lines = text.ToString().Split('\n');
            foreach (var line in lines[..^1]) to.WriteLine(line);
            text.Clear().Append(lines[^1]);
            await to.FlushAsync(CancellationToken.None);
        }

        if (text.Length > 0) to.Write(text.ToString());
    }
}

using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Broker.Cli.Terminal;

namespace Broker.Cli.Mcp;

/// <summary>What a command printed, and how it ended.</summary>
/// <param name="ExitCode">Null where it was ended for taking too long.</param>
internal sealed record CommandEnd(int? ExitCode, string Output, string Error);

/// <summary>Runs one command with variables added to its environment, and keeps the end of what it prints.</summary>
internal static class CommandRun
{
    private const int MostKept = 64 * 1024;

    /// <summary>What a child must not inherit: the session, and credentials that AWS's tools would prefer.</summary>
    private static readonly string[] Taken =
    [
        Sessions.SessionKeeper.TokenVariable, "AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN",
    ];

    private static readonly ConcurrentDictionary<Process, bool> Running = [];

    /// <summary>Ends whatever still runs, children too: none is to outlive this process.</summary>
    public static void EndAll()
    {
        foreach (var process in Running.Keys) End(process);
    }

    /// <summary>
    /// Ends with the command; where <paramref name="stop"/> comes first, the command and its children end.
    /// </summary>
    /// <exception cref="CommandFailedException">The program cannot be started.</exception>
    public static async Task<CommandEnd> RunAsync(
        string[] command, IEnumerable<KeyValuePair<string, string>> variables, TimeSpan timeout, CancellationToken stop)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (var name in Taken) start.Environment.Remove(name);
        foreach (var (name, value) in variables) start.Environment[name] = value;

        using var process = Start(start);
        Running[process] = true;
        using var listed = new Listed(process);
        process.StandardInput.Close();
        var output = ReadEndAsync(process.StandardOutput);
        var error = ReadEndAsync(process.StandardError);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(timeout);
        int? code = null;
        try
        {
            await process.WaitForExitAsync(limit.Token);
            code = process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            End(process);
            stop.ThrowIfCancellationRequested();
        }

        return new CommandEnd(code, await output, await error);
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception gone) when (gone is InvalidOperationException or AggregateException or Win32Exception)
        {
            // It ended meanwhile, or one of its children did.
        }
    }

    /// <summary>Takes the process from the list before it is closed.</summary>
    private sealed class Listed(Process process) : IDisposable
    {
        public void Dispose() => Running.TryRemove(process, out _);
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception fault)
        {
            throw new CommandFailedException($"cannot start {start.FileName}: {fault.Message}", cause: fault);
        }
    }

    private static async Task<string> ReadEndAsync(StreamReader reader)
    {
        var kept = new StringBuilder();
        var buffer = new char[4096];
        while (await reader.ReadAsync(buffer) is > 0 and var count)
        {
            kept.Append(buffer, 0, count);
            if (kept.Length > 2 * MostKept) kept.Remove(0, kept.Length - MostKept);
        }

        if (kept.Length > MostKept) kept.Remove(0, kept.Length - MostKept).Insert(0, "[…]\n");
        return kept.ToString();
    }
}

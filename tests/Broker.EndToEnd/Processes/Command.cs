using System.Diagnostics;

namespace Broker.EndToEnd.Processes;

/// <summary>What a program wrote and how it ended.</summary>
internal sealed record CommandResult(string Line, int ExitCode, string Output, string Error)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>The output of a program that had to succeed.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message shows what it said.</exception>
    public string OrThrow() => Succeeded
        ? Output : throw new InvalidOperationException($"{Line}: exit code {ExitCode}\n{Output}\n{Error}");
}

/// <summary>Runs a program to its end.</summary>
internal static class Command
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <param name="environment">Variables to set; null takes one away.</param>
    public static async Task<CommandResult> RunAsync(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Fixtures.RepositoryRoot,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>()) start.Environment[name] = value;

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(Longest);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException(
                $"{program} {string.Join(' ', start.ArgumentList)} did not end within {Longest}");
        }

        return new CommandResult($"{program} {string.Join(' ', start.ArgumentList)}",
            process.ExitCode, await output, await error);
    }

    /// <summary>Sends a signal (<c>TERM</c>, <c>STOP</c>, <c>CONT</c>, …) to a process that a test started.</summary>
    public static async Task SignalAsync(string signal, int processId) =>
        (await RunAsync("/bin/kill", [$"-{signal}", $"{processId}"])).OrThrow();
}

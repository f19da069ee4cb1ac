using System.Diagnostics;

namespace Broker.Ledger.Tests;

/// <summary>Runs the system's Python, which has no part in what it is asked to judge.</summary>
internal static class Python
{
    public static (int ExitCode, string Output) Run(string input, params string[] arguments)
    {
        var start = new ProcessStartInfo("python3", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;

        // Read while writing: both pipes are short, and each side would wait for the other.
        var complaints = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        process.WaitForExit();
        return (process.ExitCode, output.Result + complaints.Result);
    }
}

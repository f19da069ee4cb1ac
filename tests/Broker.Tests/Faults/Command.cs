using System.ComponentModel;
using System.Diagnostics;

namespace Broker.Tests.Faults;

/// <summary>Runs a program of the system and insists that it succeeds.</summary>
internal static class Command
{
    /// <exception cref="InvalidOperationException">It did not run, or failed; says with which words.</exception>
    public static string Run(string program, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo(program, arguments)
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            };
            using var process = Process.Start(start)!;
            var complaint = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output
                : throw new InvalidOperationException($"{program}: {complaint.Result.Trim()}");
        }
        catch (Win32Exception missing)
        {
            throw new InvalidOperationException($"{program}: {missing.Message}", missing);
        }
    }
}

using System.Diagnostics;

namespace Broker.Ledger.Tests.Faults;

/// <summary>Runs a program of the system and insists that it succeeds.</summary>
internal static class Command
{
    public static void Run(string program, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo(
                program, arguments)
            { RedirectStandardError = true, RedirectStandardOutput = true };
            using var process = Process.Start(start)!;
            var complaint = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0) throw new InvalidOperationException($"{program}: {complaint.Trim()}");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException($"{program}: {e.Message}", e);
        }
    }
}

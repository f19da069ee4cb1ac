using System.Diagnostics;

namespace Broker.Kms.Tests;

/// <summary>The system's <c>openssl</c>, as a judge who knows nothing of our code.</summary>
internal static class OpenSsl
{
    /// <summary>Runs it and gives what it printed; a failing run fails the test with its words.</summary>
    public static string Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("openssl", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, output + errors.GetAwaiter().GetResult());
        return output;
    }
}

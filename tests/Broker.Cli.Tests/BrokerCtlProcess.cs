namespace Broker.Cli.Tests;

/// <summary><c>brokerctl</c> as a process of its own, as a shell runs it.</summary>
internal static class BrokerCtlProcess
{
    public static async Task<(int Code, string Output, string Error)> RunAsync(string input, params string[] arguments)
    {
        using var process = BrokerCtlProgram.Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}

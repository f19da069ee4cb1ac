using System.Diagnostics;
using System.Text.Json;

namespace Broker.Kms.Tests;

/// <summary>A script of <c>tests/interop</c>, with the packages that its lock file pins.</summary>
internal static class NodeScript
{
    /// <summary>Installs what is missing, runs the script, and reads the JSON that it prints.</summary>
    public static async Task<JsonElement> RunAsync(
        string folder, string script, string input, params string[] arguments)
    {
        var path = Path.Combine(Fixtures.RepositoryRoot, "tests", "interop", folder);
        await RunAsync(path, "bash", ["up.sh"], "");
        using var answer = JsonDocument.Parse(await RunAsync(path, "node", [script, .. arguments], input));
        return answer.RootElement.Clone();
    }

    private static async Task<string> RunAsync(string folder, string program, string[] arguments, string input)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, await errors);
        return output;
    }
}

using System.Diagnostics;
using System.Text.Json;
using Broker.Tests.Faults;

namespace Broker.Tests.Hosting;

/// <summary>Other people's implementations, run by Node: a question as JSON in, a verdict as JSON out.</summary>
internal static class Npm
{
    private static readonly string Folder = Path.Combine(Fixtures.RepositoryRoot, "tests", "interop");

    public static async Task<JsonElement> RunAsync(string script, object question)
    {
        Command.Run(Path.Combine(Folder, "up.sh"));
        using var node = Process.Start(new ProcessStartInfo("node", [script])
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = node.StandardOutput.ReadToEndAsync();
        var errors = node.StandardError.ReadToEndAsync();
        await node.StandardInput.WriteAsync(JsonSerializer.Serialize(question));
        node.StandardInput.Close();
        await node.WaitForExitAsync();
        node.ExitCode.ShouldBe(0, await errors);
        return JsonDocument.Parse(await output).RootElement.Clone();
    }
}

using System.Diagnostics;
using System.Text.Json;
using Broker.Tests.Faults;

namespace Broker.Tests.Hosting;

/// <summary>Other people's implementations, run by Node: a question as JSON in, a verdict as JSON out.</summary>
internal static class Npm
{
    private static readonly string Root = Path.Combine(Fixtures.RepositoryRoot, "tests", "interop");

    /// <param name="folder">Below <c>tests/interop</c>, where it has packages of its own.</param>
    public static async Task<JsonElement> RunAsync(string script, object question, string folder = "")
    {
        using var node = Start(folder, script);
        var output = node.StandardOutput.ReadToEndAsync();
        var errors = node.StandardError.ReadToEndAsync();
        await node.StandardInput.WriteAsync(JsonSerializer.Serialize(question));
        node.StandardInput.Close();
        await node.WaitForExitAsync();
        node.ExitCode.ShouldBe(0, await errors);
        return JsonDocument.Parse(await output).RootElement.Clone();
    }

    /// <summary>A script under way, with the packages that its folder's lock file pins.</summary>
    public static Process Start(string folder, string script, params string[] arguments)
    {
        var path = Path.Combine(Root, folder);
        Command.Run(Path.Combine(path, "up.sh"));
        return Process.Start(new ProcessStartInfo("node", [script, .. arguments])
        {
            WorkingDirectory = path,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
    }
}

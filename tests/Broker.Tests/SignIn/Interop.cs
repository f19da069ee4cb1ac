using System.Diagnostics;
using System.Text.Json;

namespace Broker.Tests.SignIn;

/// <summary>Other people's implementations of wallets and of SIWE, run by node from <c>tests/interop</c>.</summary>
internal static class Interop
{
    private static string Folder => Path.Combine(Fixtures.RepositoryRoot, "tests", "interop");

    /// <summary>Runs <c>siwe-vectors.mjs</c> over the texts; its header says what it answers.</summary>
    public static async Task<JsonElement> SiweVectorsAsync(IReadOnlyList<string> texts)
    {
        await RunAsync(Path.Combine(Folder, "up.sh"), [], "");
        var answer = await RunAsync("node", ["siwe-vectors.mjs"], JsonSerializer.Serialize(texts));
        using var parsed = JsonDocument.Parse(answer);
        return parsed.RootElement.Clone();
    }

    private static async Task<string> RunAsync(string program, string[] arguments, string input)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, $"{program}: {await errors}");
        return await output;
    }
}

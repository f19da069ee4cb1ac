using Broker.EndToEnd.Processes;

namespace Broker.EndToEnd.Clients;

/// <summary>An SDK of AWS as a program that writes and reads an object (<c>ENDPOINT BUCKET KEY</c>).</summary>
internal sealed record AwsSdk(string Program, string Script)
{
    private static readonly string Interop = Path.Combine(Fixtures.RepositoryRoot, "tests", "interop");

    /// <summary>By the name that a test has for it; what it needs is installed.</summary>
    public static async Task<AwsSdk> PrepareAsync(string name)
    {
        if (name == ".NET") return new AwsSdk("dotnet", typeof(AwsSdk).Assembly.Location);
        (await Command.RunAsync(Path.Combine(Interop, "up.sh"), [])).OrThrow();
        return new AwsSdk("node", Path.Combine(Interop, "s3-judge.mjs"));
    }
}

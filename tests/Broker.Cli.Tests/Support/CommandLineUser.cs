using System.Diagnostics;
using System.Text.Json;

namespace Broker.Cli.Tests.Support;

/// <summary>How a command ended.</summary>
internal sealed record Ran(int Code, string Output, string Error)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    public Ran ShouldSucceed()
    {
        Code.ShouldBe(0, $"{Output}\n{Error}");
        return this;
    }
}

/// <summary>
/// Runs <c>brokerctl</c> and other programs as one user: a home folder of its own, nothing of this machine's AWS or
/// AgentKeys configuration, and one broker by <c>AGENTKEYS_BROKER_URL</c>.
/// </summary>
internal sealed class CommandLineUser(Uri broker) : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("brokerctl-user-");

    public string Home => _home.FullName;

    public string KeyFile => File("agent.key");

    public string StateFolder => File(".local/state/agentkeys");

    /// <summary>Set for every program that the user runs.</summary>
    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal)
    {
        ["AGENTKEYS_BROKER_URL"] = broker.AbsoluteUri,
    };

    public string File(string name) => Path.Combine(Home, name);

    /// <summary>Runs <c>brokerctl</c> to its end.</summary>
    public Task<Ran> RunAsync(params string[] arguments) => RunWithInputAsync("", arguments);

    public async Task<Ran> RunWithInputAsync(string input, params string[] arguments)
    {
        using var process = Start(arguments);
        return await EndAsync(process, input);
    }

    /// <summary>Runs another program to its end, in the same environment and with more of it.</summary>
    public async Task<Ran> RunProgramAsync(
        string program, IEnumerable<string> arguments, params (string Name, string Value)[] more)
    {
        using var process = Process.Start(Prepare(program, arguments, more))!;
        return await EndAsync(process, "");
    }

    /// <summary>Starts <c>brokerctl</c>; whoever started it waits for it.</summary>
    public Process Start(params string[] arguments)
    {
        var program = BrokerCtlProgram.Info(arguments);
        return Process.Start(Prepare(program.FileName, program.ArgumentList, []))!;
    }

    public void Dispose() => _home.Delete(recursive: true);

    private ProcessStartInfo Prepare(
        string program, IEnumerable<string> arguments, (string Name, string Value)[] more)
    {
        // As a terminal starts it. What a shell starts in the background ignores these two, and its children do too.
        var start = new ProcessStartInfo("env", ["--default-signal=INT,QUIT", program, .. arguments]);
        var keep = new[] { "PATH", "DOTNET_ROOT", "LANG" }
            .Select(name => (name, value: System.Environment.GetEnvironmentVariable(name)))
            .Where(one => one.value is not null).ToList();
        start.Environment.Clear();
        foreach (var (name, value) in keep) start.Environment[name] = value;
        start.Environment["HOME"] = Home;
        foreach (var (name, value) in Environment) start.Environment[name] = value;
        foreach (var (name, value) in more) start.Environment[name] = value;
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.WorkingDirectory = Home;
        return start;
    }

    private static async Task<Ran> EndAsync(Process process, string input)
    {
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return new Ran(process.ExitCode, await output, await error);
    }
}

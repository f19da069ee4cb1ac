using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Broker.Tests.Faults;

namespace Broker.Tests.Hosting;

/// <summary>How a process ended.</summary>
public sealed record Ended(int ExitCode, string Output, string Errors)
{
    /// <summary>The lines that a start which must not be leaves behind.</summary>
    public IReadOnlyList<string> BootFailures =>
        [.. Errors.Split('\n').Where(line => line.StartsWith("BOOT_FAIL", StringComparison.Ordinal))];
}

/// <summary>The broker as it ships: <c>dotnet Broker.dll</c> in a process and an environment of its own.</summary>
public sealed partial class BrokerProcess : RunningBroker
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly TemporaryFolder _home;
    private readonly StringBuilder _errors = new();
    private readonly Task<string> _output;
    private readonly Task _reading;
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private BrokerProcess(IEnumerable<(string Name, string Value)> environment, string[] arguments)
    {
        _home = new TemporaryFolder();
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Broker.dll"), .. arguments])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = _home.Path,
        };
        var path = start.Environment["PATH"];
        start.Environment.Clear();
        start.Environment["PATH"] = path;
        start.Environment["HOME"] = _home.Path;
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (var (name, value) in environment) start.Environment[name] = value;
        DataFolder = start.Environment.TryGetValue("BROKER_DATA_DIR", out var folder) ? folder!
            : _home.File(".agentkeys/broker");
        _process = Process.Start(start)!;
        _output = _process.StandardOutput.ReadToEndAsync();
        _reading = Task.Run(ReadErrorsAsync);
    }

    public override string DataFolder { get; }

    /// <summary>Everything it has written to standard error by now.</summary>
    public string Errors
    {
        get
        {
            lock (_errors) return _errors.ToString();
        }
    }

    /// <summary>What a broker in production needs to start, with its state in a folder of the process's own.</summary>
    public static IReadOnlyList<(string Name, string Value)> Settings(params (string Name, string Value)[] more) =>
    [
        ("BROKER_PORT", "0"), ("BROKER_OIDC_ISSUER", BrokerApp.Issuer), ("BROKER_DATA_ROLE_ARN", BrokerApp.DataRole),
        .. more,
    ];

    /// <summary>Runs to the end.</summary>
    public static async Task<Ended> RunAsync(
        IEnumerable<(string Name, string Value)> environment, params string[] arguments)
    {
        await using var process = new BrokerProcess(environment, arguments);
        return await process.WaitForEndAsync();
    }

    /// <summary>Starts, and returns once it listens.</summary>
    public static async Task<BrokerProcess> StartAsync(
        IEnumerable<(string Name, string Value)> environment, params string[] arguments)
    {
        var process = new BrokerProcess(environment, arguments);
        var first =
            await Task.WhenAny(process._listening.Task, process._process.WaitForExitAsync()).WaitAsync(Patience);
        if (first != process._listening.Task)
        {
            var ended = await process.WaitForEndAsync();
            await process.DisposeAsync();
            throw new InvalidOperationException($"the broker ended with {ended.ExitCode}: {ended.Errors}");
        }

        process.Http.BaseAddress = await process._listening.Task;
        return process;
    }

    public async Task<Ended> WaitForEndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        await _reading;
        return new Ended(_process.ExitCode, await _output, Errors);
    }

    /// <summary>SIGTERM, as systemd stops a unit.</summary>
    public void Terminate() => Command.Run("kill", "-TERM", _process.Id.ToString(CultureInfo.InvariantCulture));

    /// <summary>SIGHUP, as systemd reloads a unit.</summary>
    public void HangUp() => Command.Run("kill", "-HUP", _process.Id.ToString(CultureInfo.InvariantCulture));

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public void Kill() => _process.Kill();

    public override async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        Http.Dispose();
        _process.Dispose();
        _home.Dispose();
    }

    private async Task ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_errors) _errors.Append(line).Append('\n');
            if (Listening().Match(line) is { Success: true } match)
                _listening.TrySetResult(new Uri(match.Groups[1].Value));
        }
    }

    [GeneratedRegex(@"broker listening on \\?""?(http://[0-9a-zA-Z\[\]:.]+)")]
    private static partial Regex Listening();
}

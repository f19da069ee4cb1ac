using System.Diagnostics;
using System.Text;

namespace Broker.EndToEnd.Processes;

/// <summary>
/// The real broker, <c>dotnet Broker.dll</c> as it was built, in a process of its own on 127.0.0.1. It runs in
/// development mode (http issuer, key files made at the first start) and logs to <see cref="Log"/>.
/// </summary>
internal sealed class BrokerProcess : IAsyncDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly StringBuilder _log = new();
    private readonly HttpClient _http;

    private BrokerProcess(Process process, Uri address)
    {
        _process = process;
        Address = address;
        _http = new HttpClient { BaseAddress = address };
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Address { get; }

    /// <summary>Byte for byte as the tokens have it.</summary>
    public string Issuer => Address.GetLeftPart(UriPartial.Authority);

    public int Id => _process.Id;

    public string Log
    {
        get
        {
            lock (_log) return _log.ToString();
        }
    }

    /// <summary>The assembly of the same build configuration as this one.</summary>
    public static string Assembly
    {
        get
        {
            var framework = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
            return Path.Combine(Fixtures.RepositoryRoot,
                "src", "Broker", "bin", framework.Parent!.Name, framework.Name, "Broker.dll");
        }
    }

    /// <summary>Starts the broker and returns once it answers <c>/healthz</c>.</summary>
    /// <param name="settings">Settings besides the port, the data folder and development mode.</param>
    /// <exception cref="InvalidOperationException">It ended instead; the message holds its log.</exception>
    public static async Task<BrokerProcess> StartAsync(
        string dataFolder, int port, IReadOnlyDictionary<string, string>? settings = null, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Assembly, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = dataFolder,
        };

        // Nothing of the machine's own AWS or broker configuration reaches the process.
        foreach (var name in start.Environment.Keys.Where(IsOfTheMachine).ToList()) start.Environment.Remove(name);
        start.Environment["BROKER_DEV_MODE"] = "true";
        start.Environment["BROKER_DATA_DIR"] = dataFolder;
        start.Environment["BROKER_PORT"] = $"{port}";
        start.Environment["BROKER_LOG_LEVEL"] = "warn";
        foreach (var (name, value) in settings ?? new Dictionary<string, string>()) start.Environment[name] = value;

        var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
        var broker = new BrokerProcess(process, new Uri($"http://127.0.0.1:{port}"));
        try
        {
            await broker.WaitUntilHealthyAsync();
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIGKILL: the process ends where it stands.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and the exit code once requests under way have finished.</summary>
    public async Task<int> StopAsync()
    {
        await Command.SignalAsync("TERM", _process.Id);
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
        _http.Dispose();
    }

    private static bool IsOfTheMachine(string variable) =>
        variable.StartsWith("AWS_", StringComparison.Ordinal)
        || variable.StartsWith("BROKER_", StringComparison.Ordinal);

    private async Task WaitUntilHealthyAsync()
    {
        using var limit = new CancellationTokenSource(LongestStart);
        while (true)
        {
            if (_process.HasExited)
                throw new InvalidOperationException($"the broker ended with code {_process.ExitCode}\n{Log}");
            try
            {
                using var answer = await _http.GetAsync("healthz", limit.Token);
                if (answer.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
            catch (OperationCanceledException)
            {
                throw new InvalidOperationException($"the broker did not answer within {LongestStart}\n{Log}");
            }

            await Task.Delay(20);
        }
    }

    private void Keep(string? line)
    {
        if (line is null) return;
        lock (_log) _log.AppendLine(line);
    }
}

using System.Diagnostics;
using Broker.Cli.Terminal;

namespace Broker.Cli.Dev;

/// <summary>One of the two servers, running until it is disposed of.</summary>
internal sealed class DevServer : IAsyncDisposable
{
    private const int ShownLines = 15;
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(6);

    private readonly string _name;
    private readonly string _log;
    private readonly Process _process;

    private DevServer(string name, string log, Process process) => (_name, _log, _process) = (name, log, process);

    /// <summary>Starts it, and returns once it answers. Its log begins anew.</summary>
    /// <exception cref="CommandFailedException">It ended, or does not answer; with the end of its log.</exception>
    public static async Task<DevServer> StartAsync(
        string name, string[] command, string log, string folder, Uri health,
        IEnumerable<(string Name, string Value)> settings, CancellationToken stop)
    {
        await File.WriteAllTextAsync(log, "", stop);
        var server = new DevServer(name, log, ServerPrograms.Start(command, log, folder, settings));
        try
        {
            await server.WaitAsync(health, stop);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns when the server ends, which nobody asked for.</summary>
    public async Task<CommandFailedException> EndAsync(CancellationToken stop)
    {
        await _process.WaitForExitAsync(stop);
        return Ended();
    }

    /// <summary>Asks it to end, and waits; ends it where it takes too long.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var kill = Process.Start("/bin/sh", ["-c", $"kill -TERM {_process.Id} 2>/dev/null"]);
            await kill.WaitForExitAsync();
            using var limit = new CancellationTokenSource(LongestEnd);
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync(CancellationToken.None);
            }
        }

        _process.Dispose();
    }

    private async Task WaitAsync(Uri health, CancellationToken stop)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(LongestStart);
        while (true)
        {
            if (_process.HasExited) throw Ended();
            try
            {
                using var answer = await http.GetAsync(health, limit.Token);
                if (answer.IsSuccessStatusCode && !_process.HasExited) return;
            }
            catch (Exception notYet) when (
                notYet is HttpRequestException
                || (notYet is OperationCanceledException && !limit.IsCancellationRequested))
            {
                // It starts.
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                throw new CommandFailedException($"the {_name} does not answer at {health}; its log: {_log}");
            }

            await Task.Delay(100, stop);
        }
    }

    private CommandFailedException Ended()
    {
        var lines = File.ReadLines(_log).TakeLast(ShownLines).Select(line => $"  | {line}");
        return new CommandFailedException(
            $"the {_name} ended with exit code {_process.ExitCode}; the end of {_log}:\n{string.Join('\n', lines)}");
    }
}

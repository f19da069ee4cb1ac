using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Broker.Cli.Tests.Support;

/// <summary>One of our servers, <c>dotnet X.dll</c> as it was built, in a process and an environment of its own.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly StringBuilder _log = new();

    private ServerProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Log
    {
        get
        {
            lock (_log) return _log.ToString();
        }
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts it and returns once <paramref name="health"/> answers 200.</summary>
    /// <param name="project">Its folder under <c>src</c>, which is also the name of its assembly.</param>
    public static async Task<ServerProcess> StartAsync(
        string project, string home, Uri health, IEnumerable<(string Name, string Value)> environment,
        params string[] arguments)
    {
        var built = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var assembly = Path.Combine(
            Fixtures.RepositoryRoot, "src", project, "bin", built.Parent!.Name, built.Name, $"{project}.dll");
        var start = new ProcessStartInfo("dotnet", [assembly, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = home,
        };
        var path = start.Environment["PATH"];
        start.Environment.Clear();
        start.Environment["PATH"] = path;
        start.Environment["HOME"] = home;
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var server = new ServerProcess(Process.Start(start)!);
        try
        {
            await server.WaitAsync(health);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task WaitAsync(Uri health)
    {
        using var http = new HttpClient();
        using var limit = new CancellationTokenSource(LongestStart);
        while (true)
        {
            if (_process.HasExited) throw new InvalidOperationException($"the server ended: {Log}");
            try
            {
                using var answer = await http.GetAsync(health, limit.Token);
                if (answer.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // Not yet.
            }

            await Task.Delay(50, limit.Token);
        }
    }

    private void Keep(string? line)
    {
        lock (_log) _log.AppendLine(line);
    }
}

using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Broker.Cli.Quotes;
using Broker.Cli.Tee;

namespace Broker.Cli.Tests.Tee;

/// <summary><c>brokerctl tee simulate</c> running in this process, with its socket, in a folder of its own.</summary>
internal sealed class SimulatedTee : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _agent;
    private readonly Task<int> _run;

    private SimulatedTee(string socket, Task<int> run, CancellationTokenSource stop)
    {
        _run = run;
        _stop = stop;
        _agent = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancel);
                return new NetworkStream(connection, ownsSocket: true);
            },
        })
        { BaseAddress = new Uri("http://agent") };
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var code = await BrokerCtlProgram.RunAsync([TeeCommands.Create(), QuoteCommands.Create()], args, output, error);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>Returns once the simulator has said that its doors are open.</summary>
    public static async Task<SimulatedTee> StartAsync(string pki, string name, params string[] more)
    {
        var socket = Path.Combine(pki, $"{name}.sock");
        var stop = new CancellationTokenSource();
        var ready = new ReadyWriter();
        var error = new StringWriter();
        var run = Task.Run(() => BrokerCtlProgram.RunAsync(
            [TeeCommands.Create()], ["tee", "simulate", "--socket", socket, "--pki", pki, "--name", name, .. more],
            ready, error, stop.Token));
        if (await Task.WhenAny(run, ready.Ready) == run) throw new InvalidOperationException(error.ToString());
        return new SimulatedTee(socket, run, stop);
    }

    public async Task<JsonObject> PostAsync(string method, JsonObject body)
    {
        using var response = await _agent.PostAsJsonAsync(new Uri($"/{method}?json", UriKind.Relative), body);
        var answer = (await response.Content.ReadFromJsonAsync<JsonObject>())!;
        answer["status"] = (int)response.StatusCode;
        return answer;
    }

    /// <summary>The status alone, for a body that need not be JSON that we could build.</summary>
    public async Task<int> StatusOfAsync(string method, string body)
    {
        using var content = new StringContent(body);
        using var response = await _agent.PostAsync(new Uri($"/{method}?json", UriKind.Relative), content);
        return (int)response.StatusCode;
    }

    /// <summary>Stops it as an interrupt would, and gives its exit code.</summary>
    public async Task<int> StopAsync()
    {
        await _stop.CancelAsync();
        return await _run;
    }

    public async ValueTask DisposeAsync()
    {
        _agent.Dispose();
        await StopAsync();
        _stop.Dispose();
    }

    private sealed class ReadyWriter : StringWriter
    {
        private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Ready => _ready.Task;

        public override Task FlushAsync(CancellationToken cancellationToken)
        {
            _ready.TrySetResult();
            return Task.CompletedTask;
        }
    }
}

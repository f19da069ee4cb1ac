using System.Text.Json;
using Broker.Cli.Ledger;

namespace Broker.Cli.Tests.Ledger;

/// <summary><c>brokerctl ledger witness</c> at work on a port of the system's choice.</summary>
internal sealed class RunningWitness : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private RunningWitness(string folder, string keyFile, string log, FirstLineWriter output, bool isInThisProcess)
    {
        string[] arguments =
        [
            "ledger", "witness", "--state", Path.Combine(folder, "state"), "--key", keyFile,
            "--name", "witness.example/w1", "--log", log, "--bind", "127.0.0.1:0", "--json",
        ];
        _running = Task.Run(() => isInThisProcess
            ? BrokerCtl.RunAsync([LedgerCommands.Create()], arguments, output, TextWriter.Null, _stop.Token)
            : BrokerCtlProgram.RunAsync([LedgerCommands.Create()], arguments, output, TextWriter.Null, _stop.Token));
    }

    public Uri Address { get; private set; } = null!;

    public string Vkey { get; private set; } = "";

    /// <summary>Starts a witness of one log and waits until it listens.</summary>
    /// <param name="folder">Takes the key file and the state.</param>
    /// <param name="key">What the key file holds.</param>
    /// <param name="log">As <c>--log</c> takes it.</param>
    /// <param name="isInThisProcess">For a test that asks the framework for the routes.</param>
    public static async Task<RunningWitness> StartAsync(
        string folder, string key, string log, bool isInThisProcess = false)
    {
        var keyFile = Path.Combine(folder, "witness.key");
        await File.WriteAllTextAsync(keyFile, key);
        File.SetUnixFileMode(keyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var output = new FirstLineWriter();
        var witness = new RunningWitness(folder, keyFile, log, output, isInThisProcess);
        using var hello = JsonDocument.Parse(await output.Line.WaitAsync(TimeSpan.FromSeconds(60)));
        witness.Address = new Uri(hello.RootElement.GetProperty("listening").GetString()! + "/");
        witness.Vkey = hello.RootElement.GetProperty("vkey").GetString()!;
        return witness;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(30));
        _stop.Dispose();
    }

    private sealed class FirstLineWriter : StringWriter
    {
        private readonly TaskCompletionSource<string> _line = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Line => _line.Task;

        public override void WriteLine(string? value) => _line.TrySetResult(value ?? "");
    }
}

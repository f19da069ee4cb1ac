using Broker.Configuration;
using Broker.Ledger;
using Broker.Ledger.Witness;

namespace Broker.Receipts;

/// <summary>
/// Asks the witnesses of <c>BROKER_LEDGER_WITNESSES</c>, every ten seconds while there is something new, to cosign the
/// newest checkpoint. The cosigned note is served at <c>GET /ledger/checkpoint/witnessed</c>. No release waits for a
/// witness.
/// </summary>
internal sealed partial class Witnessing(
    ReleaseLedger ledger, BrokerOptions options, IHttpClientFactory clients, TimeProvider time, ILogger<Witnessing> log)
    : BackgroundService
{
    public const string ClientName = "ledger-witness";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private volatile string? _cosigned;

    /// <summary>The newest checkpoint that at least one witness cosigned; null while there is none.</summary>
    public string? Cosigned => _cosigned;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Audit.Witnesses.Length == 0) return;
        var witnesses = options.Audit.Witnesses
            .Select(one => (
                one.Key.Name,
                Client: new WitnessClient(
                    clients.CreateClient(ClientName), one.Submission, one.Key, ledger.Reader)))
            .ToArray();
        var asked = "";
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            var note = ledger.NewestCheckpoint;
            if (note.Length == 0 || note == asked) continue;
            asked = note;
            var lines = "";
            foreach (var (name, client) in witnesses) lines += await AskAsync(name, client, note, stoppingToken);
            if (lines.Length > 0) _cosigned = note + lines;
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<string> AskAsync(string name, WitnessClient client, string note, CancellationToken stop)
    {
        try
        {
            return await client.CosignAsync(note, stop);
        }
        catch (Exception fault) when (fault is WitnessRefusedException or HttpRequestException
            || (fault is OperationCanceledException && !stop.IsCancellationRequested))
        {
            LogNotCosigned(log, name, fault.Message);
            return "";
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "witness {Witness} did not cosign: {Reason}")]
    private static partial void LogNotCosigned(ILogger log, string witness, string reason);
}

using Broker.Ledger.Witness;
using Broker.Ledger.Writing;

namespace Broker.Receipts;

/// <summary>
/// Asks the witnesses of <c>BROKER_LEDGER_WITNESSES</c> to cosign the newest checkpoint: every ten seconds each one that
/// has not cosigned it yet, until it has. The cosigned note is served at <c>GET /ledger/checkpoint/witnessed</c>. No release waits for a
/// witness.
/// </summary>
internal sealed partial class Witnessing(
    ReleaseLedger ledger, ReceiptOptions options, IHttpClientFactory clients, TimeProvider time, ILogger<Witnessing> log)
    : BackgroundService
{
    public const string ClientName = "ledger-witness";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private volatile string? _cosigned;

    /// <summary>The newest checkpoint that at least one witness cosigned; null while there is none.</summary>
    public string? Cosigned => _cosigned;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Witnesses.Length == 0) return;
        var witnesses = options.Witnesses
            .Select(one => (
                one.Key.Name,
                Client: new WitnessClient(
                    clients.CreateClient(ClientName), one.Submission, one.Key, ledger.Reader)))
            .ToArray();
        var lines = new string[witnesses.Length];
        var asked = "";
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            var note = ledger.NewestCheckpoint;
            if (note.Length == 0) continue;
            if (note != asked) Array.Fill(lines, "");
            asked = note;

            // At the same time: one that does not answer keeps the others from nothing.
            await Task.WhenAll(witnesses.Select(async (witness, i) =>
            {
                if (lines[i].Length == 0) lines[i] = await AskAsync(witness.Name, witness.Client, note, stoppingToken);
            }));
            var cosignatures = string.Concat(lines);
            if (cosignatures.Length > 0) _cosigned = note + cosignatures;
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<string> AskAsync(string name, WitnessClient client, string note, CancellationToken stop)
    {
        try
        {
            return await client.CosignAsync(note, stop);
        }
        catch (Exception fault) when (!stop.IsCancellationRequested)
        {
            // Whatever it was, it must not end the asking: the witness, the way there, or the ledger's file.
            LogNotCosigned(log, name, fault switch
            {
                WitnessRefusedException refused => refused.Message,
                HttpRequestException unreachable => $"out of reach ({unreachable.HttpRequestError})",
                OperationCanceledException => "no answer in time",
                _ => fault.GetType().Name,
            });
            return "";
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "witness {Witness} did not cosign: {Reason}")]
    private static partial void LogNotCosigned(ILogger log, string witness, string reason);
}

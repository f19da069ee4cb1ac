using System.Collections.Concurrent;
using Broker.Cryptography;
using Broker.Ledger.Notes;
using Broker.Ledger.Witness;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Broker.Tests.Hosting;

/// <summary>A witness (C2SP tlog-witness) that can be out of order.</summary>
public sealed class WitnessPeer : IAsyncDisposable
{
    private readonly WebApplication _server = Peers.NewServer();
    private readonly TemporaryFolder _state = new();
    private readonly Ed25519SigningKey _key = Ed25519SigningKey.Generate();
    private readonly ConcurrentQueue<int> _failures;
    private readonly LedgerWitness _witness;
    private int _questions;

    private WitnessPeer(string name, NoteKey log, IEnumerable<int> failures)
    {
        _failures = new ConcurrentQueue<int>(failures);
        _witness = new LedgerWitness(_state.Path, name, _key, [log], TimeProvider.System);
        _server.MapPost("/add-checkpoint", async (HttpContext http) =>
        {
            Interlocked.Increment(ref _questions);
            if (_failures.TryDequeue(out var status))
            {
                http.Response.StatusCode = status;
                return;
            }

            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            var answer = _witness.AddCheckpoint(body.ToArray());
            http.Response.StatusCode = answer.Status;
            http.Response.ContentType = answer.ContentType;
            await http.Response.WriteAsync(answer.Body);
        });
    }

    /// <summary>What stands in BROKER_LEDGER_WITNESSES.</summary>
    public string Setting => $"{_server.Urls.Single()}|{Key}";

    public NoteKey Key => _witness.VerifierKey;

    /// <summary>How often it was asked.</summary>
    public int Questions => Volatile.Read(ref _questions);

    /// <summary>Starts one that first answers with these statuses, one question each, and then as it should.</summary>
    public static async Task<WitnessPeer> StartAsync(string name, NoteKey log, params int[] failures)
    {
        var peer = new WitnessPeer(name, log, failures);
        await peer._server.StartAsync();
        return peer;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _key.Dispose();
        _state.Dispose();
    }
}

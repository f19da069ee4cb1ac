using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Broker.Tests.Hosting;

/// <summary>The legacy backend of contract §9: knows opaque bearers, and can fail in each way that §9 lists.</summary>
public sealed class LegacyBackendPeer : IAsyncDisposable
{
    private readonly WebApplication _server = Peers.NewServer();
    private readonly ConcurrentDictionary<string, string> _wallets = new(StringComparer.Ordinal);
    private int _validations;

    private LegacyBackendPeer()
    {
        _server.MapGet("/session/validate", ValidateAsync);
        _server.MapGet("/healthz", () => IsHealthy ? Results.Text("ok") : Results.StatusCode(503));
    }

    public string Url => _server.Urls.Single();

    public int Validations => Volatile.Read(ref _validations);

    public bool IsHealthy { get; set; } = true;

    /// <summary>Said in place of the right answer, where it is set: status and body.</summary>
    public (int Status, string Body)? Instead { get; set; }

    /// <summary>Sends the question on to another server, where it is set.</summary>
    public string? RedirectTo { get; set; }

    /// <summary>Takes the question and never answers.</summary>
    public bool IsMute { get; set; }

    public static async Task<LegacyBackendPeer> StartAsync()
    {
        var peer = new LegacyBackendPeer();
        await peer._server.StartAsync();
        return peer;
    }

    /// <summary>A bearer that this backend vouches for.</summary>
    public string Admit(string wallet)
    {
        var bearer = Guid.NewGuid().ToString("n") + Guid.NewGuid().ToString("n");
        _wallets[bearer] = wallet;
        return bearer;
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    private async Task ValidateAsync(HttpContext http)
    {
        Interlocked.Increment(ref _validations);
        if (IsMute)
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        if (RedirectTo is { } elsewhere)
        {
            http.Response.Redirect($"{elsewhere}/session/validate");
            return;
        }

        var bearer = http.Request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal);
        var (status, body) = Instead ?? (_wallets.TryGetValue(bearer, out var wallet)
            ? (200, $$"""{"wallet":"{{wallet}}","scope":null,"created_at":1}""")
            : (401, """{"error":"unauthorized","message":"session expired or revoked"}"""));
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(body);
    }
}

using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Broker.Tests.Hosting;

/// <summary>
/// An STS that speaks AWS's Query protocol over HTTP: it grants what it is asked for with credentials that it
/// remembers, counts its calls, and can be told to refuse, to answer nonsense, to hang up or to wait.
/// </summary>
public sealed class StsPeer : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly TimeProvider _time;
    private readonly ConcurrentQueue<StsCall> _calls = new();
    private readonly ConcurrentQueue<string> _secrets = new();
    private TaskCompletionSource? _gate;

    private StsPeer(WebApplication server, TimeProvider time)
    {
        _server = server;
        _time = time;
        Reply = Grant;
        server.MapPost("/", AnswerAsync);
    }

    public string Url => _server.Urls.Single();

    public IReadOnlyList<StsCall> Calls => [.. _calls];

    public StsCall LastCall => _calls.Last();

    /// <summary>Every secret key and session token it gave out.</summary>
    public IReadOnlyList<string> Secrets => [.. _secrets];

    /// <summary>What it says from now on; null hangs up without a word.</summary>
    public Func<StsCall, StsReply?> Reply { get; set; }

    public static async Task<StsPeer> StartAsync(TimeProvider time)
    {
        var peer = new StsPeer(Peers.NewServer(), time);
        await peer._server.StartAsync();
        return peer;
    }

    /// <summary>Calls wait, unanswered, until the result is disposed.</summary>
    public IDisposable Hold()
    {
        var gate = _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return new Release(() =>
        {
            _gate = null;
            gate.TrySetResult();
        });
    }

    /// <summary>Returns when this many calls have arrived, answered or not.</summary>
    public async Task WaitForCallsAsync(int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (_calls.Count < count) await Task.Delay(10, limit.Token);
    }

    public StsReply Grant(StsCall call)
    {
        if (call.Action == "GetCallerIdentity")
            return StsReply.Result(
                call.Action,
                "<Arn>arn:aws:iam::123456789012:user/broker</Arn><UserId>AIDA</UserId><Account>123456789012</Account>");

        var secret =
            RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/+", 40);
        var token = "IQoJb3JpZ2luX2VjE"
            + RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 200);
        _secrets.Enqueue(secret);
        _secrets.Enqueue(token);
        var until = _time.GetUtcNow().AddSeconds(int.Parse(call["DurationSeconds"]!, CultureInfo.InvariantCulture));
        return StsReply.Result(call.Action,
            $"<Credentials><AccessKeyId>ASIA{RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)}"
            + $"</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey><SessionToken>{token}</SessionToken>"
            + $"<Expiration>{until.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}</Expiration></Credentials>"
            + $"<AssumedRoleUser><Arn>{call["RoleArn"]}</Arn>"
            + $"<AssumedRoleId>AROA:{call["RoleSessionName"]}</AssumedRoleId></AssumedRoleUser>");
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        var form = await http.Request.ReadFormAsync();
        var call = new StsCall(
            form.ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.Ordinal),
            http.Request.Headers.Authorization.ToString());
        _calls.Enqueue(call);
        if (_gate is { } gate) await gate.Task.WaitAsync(http.RequestAborted);
        if (Reply(call) is not { } reply)
        {
            http.Abort();
            return;
        }

        http.Response.StatusCode = reply.Status;
        http.Response.ContentType = "text/xml";
        await http.Response.WriteAsync(reply.Body);
    }

    private sealed class Release(Action action) : IDisposable
    {
        public void Dispose() => action();
    }
}

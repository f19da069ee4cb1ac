using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Broker.Cli.Tests.Mcp;

/// <summary>The client's side of the protocol: one JSON message on a line, both ways.</summary>
internal sealed class McpAgent(Process server) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly StringBuilder _transcript = new();
    private int _lastId;

    /// <summary>All that the server said.</summary>
    public string Transcript => _transcript.ToString();

    public void SendLine(string line)
    {
        server.StandardInput.WriteLine(line);
        server.StandardInput.Flush();
    }

    public int Send(string method, object? parameters = null)
    {
        var id = ++_lastId;
        SendLine(JsonSerializer.Serialize(parameters is null
            ? new { jsonrpc = "2.0", id, method }
            : new { jsonrpc = "2.0", id, method, @params = parameters } as object));
        return id;
    }

    public void Notify(string method, object? parameters = null) => SendLine(JsonSerializer.Serialize(
        parameters is null
            ? new { jsonrpc = "2.0", method }
            : new { jsonrpc = "2.0", method, @params = parameters } as object));

    /// <summary>The next message that is looked for; others are passed over.</summary>
    public async Task<JsonElement> ReadAsync(Func<JsonElement, bool> isIt)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (await server.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            _transcript.AppendLine(line);
            var message = JsonDocument.Parse(line).RootElement;
            if (isIt(message)) return message;
        }

        throw new InvalidOperationException($"the server ended: {await server.StandardError.ReadToEndAsync()}");
    }

    /// <summary>The result of a request that must succeed.</summary>
    public async Task<JsonElement> AskAsync(string method, object? parameters = null)
    {
        var id = Send(method, parameters);
        var answer = await ReadAsync(one => IsAnswer(one, id));
        return answer.TryGetProperty("result", out var result)
            ? result
            : throw new InvalidOperationException(answer.GetRawText());
    }

    /// <summary>The code of a request that must fail.</summary>
    public async Task<int> FailAsync(string method, object? parameters = null)
    {
        var id = Send(method, parameters);
        return (await ReadAsync(one => IsAnswer(one, id))).GetProperty("error").GetProperty("code").GetInt32();
    }

    public Task<JsonElement> CallAsync(string tool, object arguments) =>
        AskAsync("tools/call", new { name = tool, arguments });

    public void Dispose()
    {
        if (!server.HasExited) server.Kill(entireProcessTree: true);
        server.Dispose();
    }

    private static bool IsAnswer(JsonElement message, int id) =>
        message.TryGetProperty("id", out var given) && given.ValueKind == JsonValueKind.Number && given.GetInt32() == id;
}

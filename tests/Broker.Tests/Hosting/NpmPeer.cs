using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace Broker.Tests.Hosting;

/// <summary>
/// Somebody else's server, run by Node. It says where it listens in its first line; what happens there is a line each.
/// </summary>
internal sealed class NpmPeer : IDisposable
{
    private readonly Process _node;
    private readonly ConcurrentQueue<JsonElement> _told = new();
    private readonly ConcurrentQueue<string?> _errors = new();
    private readonly TaskCompletionSource<JsonElement> _place = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private NpmPeer(Process node)
    {
        _node = node;
        node.OutputDataReceived += (_, line) => Hear(line.Data);
        node.ErrorDataReceived += (_, line) => _errors.Enqueue(line.Data);
        node.BeginOutputReadLine();
        node.BeginErrorReadLine();
    }

    /// <summary>Where it listens.</summary>
    public JsonElement Place => _place.Task.Result;

    /// <summary>What it has told since.</summary>
    public IReadOnlyList<JsonElement> Told => [.. _told];

    public static async Task<NpmPeer> StartAsync(string folder, string script, params string[] arguments)
    {
        var peer = new NpmPeer(Npm.Start(folder, script, arguments));
        await peer._place.Task.WaitAsync(TimeSpan.FromSeconds(60));
        return peer;
    }

    public void Dispose()
    {
        _node.StandardInput.Close();
        if (!_node.WaitForExit(TimeSpan.FromSeconds(10))) _node.Kill();
        _node.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null)
        {
            _place.TrySetException(new InvalidOperationException($"it ended: {string.Join('\n', _errors)}"));
            return;
        }

        using var document = JsonDocument.Parse(line);
        var told = document.RootElement.Clone();
        if (!_place.TrySetResult(told)) _told.Enqueue(told);
    }
}

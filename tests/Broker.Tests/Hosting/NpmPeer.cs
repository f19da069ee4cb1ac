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

    private NpmPeer(Process node, JsonElement place)
    {
        _node = node;
        Place = place;
        node.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { Length: > 0 } text) _told.Enqueue(Parse(text));
        };
        node.BeginOutputReadLine();
        node.BeginErrorReadLine();
    }

    /// <summary>Where it listens.</summary>
    public JsonElement Place { get; }

    /// <summary>What it has told since.</summary>
    public IReadOnlyList<JsonElement> Told => [.. _told];

    public static async Task<NpmPeer> StartAsync(string folder, string script, params string[] arguments)
    {
        var node = Npm.Start(folder, script, arguments);

        // One character at a time: what a reader had read ahead would be lost to the lines after it.
        var line = "";
        var one = new byte[1];
        while (await node.StandardOutput.BaseStream.ReadAsync(one) == 1 && one[0] != '\n') line += (char)one[0];
        if (line.Length == 0) throw new InvalidOperationException(await node.StandardError.ReadToEndAsync());
        return new NpmPeer(node, Parse(line));
    }

    public void Dispose()
    {
        _node.StandardInput.Close();
        if (!_node.WaitForExit(TimeSpan.FromSeconds(10))) _node.Kill();
        _node.Dispose();
    }

    private static JsonElement Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    }
}

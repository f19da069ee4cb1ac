using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;

namespace Broker.Cli.Mcp;

/// <summary>A tool of <c>brokerctl mcp</c>.</summary>
internal interface IAgentTool
{
    Tool Description { get; }

    /// <param name="arguments">As the client sent them; <see cref="ToolArguments"/> reads them.</param>
    /// <param name="progress">Told what is going on, for clients that asked for it.</param>
    /// <exception cref="Terminal.CommandFailedException">It failed; the client is told why.</exception>
    Task<ToolAnswer> RunAsync(
        IDictionary<string, JsonElement>? arguments, Func<string, Task> progress, CancellationToken stop);
}

/// <summary>What a tool says: to read, and the same as data.</summary>
internal sealed record ToolAnswer(string Text, JsonObject Data, bool IsError = false);

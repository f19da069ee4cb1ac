using System.CommandLine;
using System.IO.Pipelines;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Broker.Cli.Client;
using Broker.Cli.Terminal;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Broker.Cli.Mcp;

/// <summary>
/// <c>brokerctl mcp</c>: a server of the Model Context Protocol on standard input and output, for agents. Answers have
/// no secret in them; see <see cref="SecretRedactor"/>.
/// </summary>
internal static class McpCommand
{
    public static Command Create()
    {
        var url = BrokerAddress.Option();
        var command = new Command(
            "mcp", "Serve agents by the Model Context Protocol on standard input and output: agentkeys.provision (runs a "
            + $"command of {RegisteredCommands.Variable} with credentials), agentkeys.whoami, agentkeys.explain")
        {
            url,
        };
        command.SetAction(async (parsed, stop) =>
        {
            await ServeAsync(parsed.GetValue(url), stop);
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task ServeAsync(string? url, CancellationToken stop)
    {
        IAgentTool[] tools = [new ProvisionTool(url), new WhoamiTool(url), new ExplainTool(url)];
        var options = new McpServerOptions
        {
            ServerInfo = new Implementation
            {
                Name = "brokerctl",
                Title = "AgentKeys Broker",
                Version = Assembly.GetExecutingAssembly().GetName().Version?.ToString(3) ?? "0",
            },
            Capabilities = new ServerCapabilities { Tools = new ToolsCapability() },
            Handlers = new McpServerHandlers
            {
                ListToolsHandler = (_, _) => ValueTask.FromResult(
                    new ListToolsResult { Tools = [.. tools.Select(tool => tool.Description)] }),
                CallToolHandler = (call, end) => CallAsync(tools, call, end),
            },
        };
        var messages = new Pipe();
        await using var output = new LineOutput(Console.OpenStandardOutput());
        await using var input = Console.OpenStandardInput();
        await using var transport = new StreamServerTransport(messages.Reader.AsStream(), output, "brokerctl");
        await using var server = McpServer.Create(transport, options);
        await Task.WhenAll(PassOnAsync(), server.RunAsync(stop));

        // A client that has gone waits for no command; the server would wait for it.
        async Task PassOnAsync()
        {
            try
            {
                await MessageLines.PumpAsync(input, messages.Writer, output, stop);
            }
            finally
            {
                CommandRun.EndAll();
            }
        }
    }

    private static async ValueTask<CallToolResult> CallAsync(
        IAgentTool[] tools, RequestContext<CallToolRequestParams> call, CancellationToken stop)
    {
        var asked = call.Params ?? throw new McpProtocolException("no params", McpErrorCode.InvalidParams);
        var tool = Array.Find(tools, one => one.Description.Name == asked.Name)
            ?? throw new McpProtocolException("there is no such tool", McpErrorCode.InvalidParams);
        var steps = 0;
        try
        {
            var answer = await tool.RunAsync(asked.Arguments, TellAsync, stop);
            return Result(answer);
        }
        catch (CommandFailedException failed)
        {
            var next = failed.NextStep is { } step ? $"\nnext: {step}" : "";
            return Result(new ToolAnswer(
                failed.Message + next,
                new JsonObject { ["error"] = failed.Message, ["code"] = failed.Code, ["next_step"] = failed.NextStep },
                IsError: true));
        }

        Task TellAsync(string message) => asked.ProgressToken is { } token
            ? call.Server.NotifyProgressAsync(
                token, new ProgressNotificationValue { Progress = ++steps, Message = message }, cancellationToken: stop)
            : Task.CompletedTask;
    }

    private static CallToolResult Result(ToolAnswer answer) => new()
    {
        Content = [new TextContentBlock { Text = answer.Text }],
        StructuredContent = JsonElement.Parse(answer.Data.ToJsonString()),
        IsError = answer.IsError,
    };
}

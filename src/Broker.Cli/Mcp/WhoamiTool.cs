using System.Text.Json;
using System.Text.Json.Nodes;
using Broker.Cli.Client;
using ModelContextProtocol.Protocol;

namespace Broker.Cli.Mcp;

/// <summary><c>agentkeys.whoami</c>: whom the broker takes this agent for.</summary>
internal sealed class WhoamiTool(string? url) : IAgentTool
{
    public Tool Description { get; } = new()
    {
        Name = "agentkeys.whoami",
        Title = "Who am I",
        Description = "The actor that the broker takes this agent for, its wallet, and the names of its roles.",
        InputSchema = ToolArguments.Schema(),
        Annotations = new ToolAnnotations { ReadOnlyHint = true },
    };

    public Task<ToolAnswer> RunAsync(
        IDictionary<string, JsonElement>? arguments, Func<string, Task> progress, CancellationToken stop)
    {
        ToolArguments.AllowOnly(arguments);
        return AgentBroker.AskAsync(url, async (broker, token) =>
        {
            var roles = await broker.GetAsync("v1/roles", token, ClientJson.Default.Roles, stop);
            var names = roles.All.Where(role => role.Granted).Select(role => role.Name).ToArray();
            var data = new JsonObject
            {
                ["broker_url"] = broker.Address.AbsoluteUri,
                ["omni_account"] = roles.ActorOmni,
                ["wallet_address"] = roles.Wallet,
                ["roles"] = new JsonArray([.. names.Select(name => (JsonNode?)JsonValue.Create(name))]),
            };
            var text = $"actor {roles.ActorOmni}{(roles.Wallet is { } wallet ? $", wallet {wallet}" : "")} at "
                + $"{broker.Address}; roles: {string.Join(", ", names)}";
            return new ToolAnswer(text, data);
        }, stop);
    }
}

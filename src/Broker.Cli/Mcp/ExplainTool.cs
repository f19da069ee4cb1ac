using System.Text;
using System.Text.Json;
using Broker.Cli.Client;
using ModelContextProtocol.Protocol;

namespace Broker.Cli.Mcp;

/// <summary><c>agentkeys.explain</c>: what would be granted, and why not. Nothing is released.</summary>
internal sealed class ExplainTool(string? url) : IAgentTool
{
    public Tool Description { get; } = new()
    {
        Name = "agentkeys.explain",
        Title = "What would be granted",
        Description = "Shows for a role whether AWS credentials would be granted, with each check and what to do where "
            + "one refuses. Releases nothing.",
        InputSchema = ToolArguments.Schema(("role", "the role, by name or ARN; the default one when left out", false)),
        Annotations = new ToolAnnotations { ReadOnlyHint = true },
    };

    public Task<ToolAnswer> RunAsync(
        IDictionary<string, JsonElement>? arguments, Func<string, Task> progress, CancellationToken stop)
    {
        ToolArguments.AllowOnly(arguments, "role");
        var role = ToolArguments.Text(arguments, "role");
        return AgentBroker.AskAsync(url, async (broker, token) =>
        {
            var shown = await broker.PostAsync(
                "v1/mint-aws-creds?dry_run=true", token, new MintAwsBody(role, null, null),
                ClientJson.Default.MintAwsBody, ClientJson.Default.JsonObject, stop);
            var text = new StringBuilder(shown["granted"]?.GetValue<bool>() == true ? "granted\n" : "not granted\n");
            foreach (var check in shown["checks"]?.AsArray() ?? [])
            {
                text.Append(check?["passed"]?.GetValue<bool>() == true ? "ok      " : "REFUSED ")
                    .Append(check?["check"]).Append(": ").Append(check?["found"]);
                if (check?["next_step"] is { } next) text.Append("; next: ").Append(next);
                text.Append('\n');
            }

            return new ToolAnswer(text.ToString(), shown);
        }, stop);
    }
}

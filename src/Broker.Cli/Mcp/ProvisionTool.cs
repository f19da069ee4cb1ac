using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Broker.Cli.Credentials;
using Broker.Cli.Terminal;
using ModelContextProtocol.Protocol;

namespace Broker.Cli.Mcp;

/// <summary>
/// <c>agentkeys.provision</c> (contract §11.1): runs a registered command with AWS credentials in its environment. The
/// credentials are in no answer, whatever the command prints.
/// </summary>
internal sealed class ProvisionTool(string? url) : IAgentTool
{
    private static readonly TimeSpan UsualTimeout = TimeSpan.FromMinutes(10);

    public Tool Description { get; } = new()
    {
        Name = "agentkeys.provision",
        Title = "Run a registered command with AWS credentials",
        Description = "Runs the command that this machine's owner has registered for a service, with short-lived AWS "
            + "credentials for the caller's own prefix in its environment. Answers its exit code and output; the "
            + "credentials are never shown.",
        InputSchema = ToolArguments.Schema(
            ("service", "the registered service", true),
            ("reason", "what for, in a few words; it goes on record", false)),
        Annotations = new ToolAnnotations { ReadOnlyHint = false, OpenWorldHint = true },
    };

    public async Task<ToolAnswer> RunAsync(
        IDictionary<string, JsonElement>? arguments, Func<string, Task> progress, CancellationToken stop)
    {
        ToolArguments.AllowOnly(arguments, "service", "reason");
        var service = ToolArguments.Text(arguments, "service")
            ?? throw new CommandFailedException("service is missing");
        var known = RegisteredCommands.Read();
        if (!known.TryGetValue(service, out var command))
        {
            throw new CommandFailedException(
                $"no command is registered for that service; there are: {string.Join(", ", known.Keys.Order())}");
        }

        await progress("asking the broker for credentials");
        var wish = new CredentialWish(command.Role, null, ToolArguments.Text(arguments, "reason"), null);
        var (credentials, session) = await AgentBroker.AskAsync(
            url, async (broker, token) => (await MintCredentials.RunAsync(broker, token, wish, stop), token), stop);

        var began = TimeProvider.System.GetTimestamp();
        var timeout = command.TimeoutSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : UsualTimeout;
        var running = CommandRun.RunAsync(command.Command, credentials.Variables, timeout, stop);
        while (await Task.WhenAny(running, Task.Delay(TimeSpan.FromSeconds(1), stop)) != running)
        {
            stop.ThrowIfCancellationRequested();
            var elapsed = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
            await progress(string.Create(CultureInfo.InvariantCulture, $"{service} runs for {elapsed:0} s"));
        }

        var given = credentials.Given;
        var redactor = new SecretRedactor([given.SecretAccessKey, given.SessionToken, given.AccessKeyId, session]);
        return Answer(service, await running, redactor, given.AuditRecordId);
    }

    private static ToolAnswer Answer(string service, CommandEnd end, SecretRedactor redactor, string record)
    {
        var (output, error) = (redactor.Redact(end.Output), redactor.Redact(end.Error));
        var how = end.ExitCode is { } code
            ? $"{service} ended with exit code {code}"
            : $"{service} took too long and was ended";
        var text = $"{how}\n{output}{(error.Length > 0 ? $"\nstandard error:\n{error}" : "")}";
        var data = new JsonObject
        {
            ["service"] = service,
            ["exit_code"] = end.ExitCode,
            ["stdout"] = output,
            ["stderr"] = error,
            ["audit_record_id"] = record,
        };
        return new ToolAnswer(text, data, end.ExitCode != 0);
    }
}

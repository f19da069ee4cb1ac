using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Cli.Terminal;
using Broker.Foundation;

namespace Broker.Cli.Mcp;

/// <summary>A command that may be run with credentials.</summary>
/// <param name="Command">The program and its arguments; no shell reads them.</param>
/// <param name="Role">Whose credentials it gets; the broker's default role where it is null.</param>
/// <param name="TimeoutSeconds">After which it is ended; ten minutes where it is null.</param>
internal sealed record RegisteredCommand(
    [property: JsonPropertyName("command")] string[] Command,
    [property: JsonPropertyName("role")] string? Role = null,
    [property: JsonPropertyName("timeout_seconds")] int? TimeoutSeconds = null);

/// <summary>
/// The file of <c>AGENTKEYS_COMMANDS_FILE</c>: the commands that an agent may run by name. It is read at each call. Who
/// can write it can use the credentials, so only its owner may.
/// <code>
/// { "commands": { "backup": { "command": ["aws", "s3", "sync", "notes", "s3://…"], "role": "vault" } } }
/// </code>
/// </summary>
internal static class RegisteredCommands
{
    public const string Variable = "AGENTKEYS_COMMANDS_FILE";
    private const int Longest = 1 << 20;
    private const int LongestTimeout = 24 * 3600;

    /// <exception cref="CommandFailedException">There is no such file, or it cannot be used.</exception>
    public static IReadOnlyDictionary<string, RegisteredCommand> Read()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } path)
            throw new CommandFailedException($"no command is registered: {Variable} names no file");
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists || file.Length > Longest) throw new CommandFailedException($"{path}: no such file");
            if ((file.UnixFileMode & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0)
                throw new CommandFailedException($"{path} may be written by others; run: chmod go-w {path}");
            var read = StrictJson.Deserialize(File.ReadAllBytes(path), CommandsJson.Default.CommandsFile).Commands;
            if (read.FirstOrDefault(one => !IsUsable(one.Value)) is { Key: { } wrong })
            {
                throw new CommandFailedException(
                    $"{path}: {wrong}: command must name a program, timeout_seconds be 1 to {LongestTimeout}");
            }

            return read;
        }
        catch (JsonException wrong)
        {
            throw new CommandFailedException(
                $$$"""{{{path}}} is not of the form {"commands":{"<service>":{"command":["…"]}} }""", cause: wrong);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"cannot read {path}: {fault.Message}", cause: fault);
        }
    }

    private static bool IsUsable(RegisteredCommand command) =>
        command is { Command: [{ Length: > 0 }, ..], TimeoutSeconds: null or (>= 1 and <= LongestTimeout) };
}

internal sealed record CommandsFile(
    [property: JsonPropertyName("commands")] Dictionary<string, RegisteredCommand> Commands);

[JsonSerializable(typeof(CommandsFile))]
[JsonSourceGenerationOptions(
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
internal sealed partial class CommandsJson : JsonSerializerContext;

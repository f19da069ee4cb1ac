using System.Text.Json;
using Broker.Cli.Terminal;

namespace Broker.Cli.Mcp;

/// <summary>Reads a call's arguments: texts, known by name, nothing else.</summary>
internal static class ToolArguments
{
    private const int Longest = 2048;

    /// <summary>The schema of an object with these texts.</summary>
    public static JsonElement Schema(params (string Name, string Meaning, bool IsRequired)[] texts)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type", "object");
            json.WriteStartObject("properties");
            foreach (var (name, meaning, _) in texts)
            {
                json.WriteStartObject(name);
                json.WriteString("type", "string");
                json.WriteString("description", meaning);
                json.WriteNumber("maxLength", Longest);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteStartArray("required");
            foreach (var (name, _, isRequired) in texts)
            {
                if (isRequired) json.WriteStringValue(name);
            }

            json.WriteEndArray();
            json.WriteBoolean("additionalProperties", false);
            json.WriteEndObject();
        }

        using var document = JsonDocument.Parse(buffer.ToArray());
        return document.RootElement.Clone();
    }

    /// <summary>Null where it was left out.</summary>
    /// <exception cref="CommandFailedException">It is no text, or too long.</exception>
    public static string? Text(IDictionary<string, JsonElement>? arguments, string name)
    {
        if (arguments is null || !arguments.TryGetValue(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= Longest } text
            ? text
            : throw new CommandFailedException($"{name} must be a text of 1 to {Longest} characters");
    }

    /// <exception cref="CommandFailedException">There is an argument that the tool does not take.</exception>
    public static void AllowOnly(IDictionary<string, JsonElement>? arguments, params string[] names)
    {
        if (arguments?.Keys.FirstOrDefault(given => !names.Contains(given)) is not null)
        {
            throw new CommandFailedException(
                names.Length == 0 ? "it takes no arguments" : $"it takes {string.Join(", ", names)}");
        }
    }
}

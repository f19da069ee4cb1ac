using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Broker.Cli.Terminal;

/// <summary>What <c>--json</c> prints: one object, names in snake case, text as it is.</summary>
internal static class JsonOutput
{
    /// <summary>The form of an answer on one line, for answers of many lines.</summary>
    public static JsonSerializerOptions Line => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The form of an answer that is all that is printed.</summary>
    public static JsonSerializerOptions Indented => new(Line) { WriteIndented = true };

    public static void Write<T>(TextWriter output, T value, JsonTypeInfo<T> form) =>
        output.WriteLine(JsonSerializer.Serialize(value, form));
}

using System.Text.Encodings.Web;
using System.Text.Json;

namespace Broker.Cli.Terminal;

/// <summary>What <c>--json</c> prints: one object, names in snake case, text as it is.</summary>
internal static class JsonOutput
{
    private static readonly JsonSerializerOptions Lines = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonSerializerOptions Indented = new(Lines) { WriteIndented = true };

    public static void Write<T>(TextWriter output, T value) =>
        output.WriteLine(JsonSerializer.Serialize(value, Indented));

    /// <summary>The same on one line, for answers of many lines.</summary>
    public static void WriteLine<T>(TextWriter output, T value) =>
        output.WriteLine(JsonSerializer.Serialize(value, Lines));
}

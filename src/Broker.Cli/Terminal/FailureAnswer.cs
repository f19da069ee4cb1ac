using System.Text.Json.Serialization;

namespace Broker.Cli.Terminal;

/// <summary>Why a command failed, as <c>--json</c> prints it on standard error.</summary>
internal sealed record FailureAnswer(
    string Error,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Code,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextStep,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Change);

[JsonSerializable(typeof(FailureAnswer))]
internal sealed partial class FailureJson : JsonSerializerContext
{
    public static FailureJson Line { get; } = new(JsonOutput.Line);
}

using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Cli.Terminal;
using Broker.Foundation;

namespace Broker.Cli.Client;

/// <summary>The broker said no; with its words, its stable code, and what to do next.</summary>
internal sealed class BrokerRefusedException(int status, RefusalBody body)
    : CommandFailedException(body.Message ?? body.Description ?? body.Kind)
{
    public int Status { get; } = status;

    /// <summary><c>unauthorized</c>, <c>slow_down</c>, …</summary>
    public string Kind { get; } = body.Kind;

    public override string? Code { get; } = body.Code;

    public override string? NextStep { get; } = body.NextStep;

    public override string? Change { get; } = Remedy.Of(body.Code, body.Message);

    /// <summary>Null where the body is not a broker's refusal.</summary>
    public static BrokerRefusedException? Of(int status, byte[] body)
    {
        try
        {
            return new BrokerRefusedException(
                status, StrictJson.Deserialize(body, ClientJson.Default.RefusalBody));
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>The error of a broker's route (contract §1.1), or of an OAuth route (RFC 6749 §5.2).</summary>
internal sealed record RefusalBody(
    [property: JsonPropertyName("error"), JsonRequired] string Kind,
    [property: JsonPropertyName("message")] string? Message = null,
    [property: JsonPropertyName("error_description")] string? Description = null,
    [property: JsonPropertyName("code")] string? Code = null,
    [property: JsonPropertyName("next_step")] string? NextStep = null);

using System.Text.Json.Serialization;

namespace Broker.Http;

/// <summary>The error body as the OpenAPI document shows it; <see cref="ErrorAnswer"/> writes it.</summary>
internal sealed record ErrorBody(
    [property: JsonPropertyName("error")] string Error,
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("next_step")] string NextStep,
    [property: JsonPropertyName("request_id")] string RequestId);

internal static class RouteDescriptions
{
    /// <summary>Names the refusals' statuses in the OpenAPI document.</summary>
    public static RouteHandlerBuilder ProducesRefusals(this RouteHandlerBuilder route, params int[] statuses)
    {
        foreach (var status in statuses) route.Produces<ErrorBody>(status);
        return route;
    }
}

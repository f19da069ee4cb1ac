using System.Text.Json;
using Broker.Foundation;

namespace Broker.KmsAuthorizer.Http;

/// <summary>The hand-made probe's body: <c>{"method": "…", "params": …}</c>.</summary>
internal static class Probe
{
    /// <summary>The method named, or null where the body names none.</summary>
    public static string? MethodOf(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = StrictJson.Parse(json);
            return document.RootElement.ValueKind is JsonValueKind.Object
                && document.RootElement.TryGetProperty("method", out var method)
                && method.ValueKind is JsonValueKind.String
                    ? method.GetString()
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

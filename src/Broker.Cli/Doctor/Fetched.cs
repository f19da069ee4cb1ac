using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Broker.Foundation;

namespace Broker.Cli.Doctor;

/// <summary>One document as it came: without credentials, and without following a redirect.</summary>
/// <param name="ClockSkew">How far the server's clock is before this machine's; null where it names no time.</param>
internal sealed record Fetched(
    Uri Address, int Status, string? ContentType, CacheControlHeaderValue? Caching, Uri? Location, TimeSpan? ClockSkew,
    byte[] Body)
{
    /// <summary>The body as an object; null where it is none, with the reason.</summary>
    public JsonObject? Json(out string why)
    {
        why = "";
        try
        {
            // Duplicate members, which readers understand differently, are a fault of their own.
            using var strict = StrictJson.Parse(Body);
            if (strict.RootElement.ValueKind == JsonValueKind.Object)
                return JsonObject.Create(strict.RootElement.Clone());
            why = "it is JSON, but no object";
        }
        catch (JsonException wrong)
        {
            why = StrictJson.Reason(wrong);
        }

        return null;
    }
}

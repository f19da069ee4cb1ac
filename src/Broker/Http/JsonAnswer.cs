using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Broker.Foundation;

namespace Broker.Http;

/// <summary>
/// A 200 answer for the routes that answer often: written straight into the connection's buffer, with its length, so
/// that it leaves in one piece and unchunked.
/// </summary>
internal sealed class JsonAnswer<T>(T value, JsonTypeInfo<T> type) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = "application/json; charset=utf-8";
        using (var json = new Utf8JsonWriter(response.BodyWriter, StrictJson.WriterOptions))
        {
            JsonSerializer.Serialize(json, value, type);
            await json.FlushAsync(httpContext.RequestAborted);
            response.ContentLength = json.BytesCommitted;
        }

        await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
    }
}

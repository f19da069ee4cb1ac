using System.Text.Json;
using Broker.Foundation;

namespace Broker.Http;

/// <summary>
/// A 200 answer for the routes that answer often: written straight into the connection's buffer, with its length, so
/// that it leaves in one piece and unchunked.
/// </summary>
internal sealed class WrittenAnswer(Action<Utf8JsonWriter> write) : IResult
{
    [ThreadStatic]
    private static Utf8JsonWriter? t_json;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = Write(response);
        await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
    }

    private long Write(HttpResponse response)
    {
        // The thread's own, taken away while it is in use.
        var json = t_json ?? new Utf8JsonWriter(response.BodyWriter, StrictJson.WriterOptions);
        t_json = null;
        json.Reset(response.BodyWriter);
        write(json);
        json.Flush();
        var length = json.BytesCommitted;
        json.Reset(Stream.Null);
        t_json = json;
        return length;
    }
}

using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Broker.Foundation;
using Broker.Foundation.Results;

namespace Broker.Http;

/// <summary>
/// Reads request bodies as <see cref="StrictJson"/> does, unless the content type names another media type. Members
/// that we do not know are passed over.
/// </summary>
internal static class RequestJson
{
    /// <summary>
    /// The body as a <typeparamref name="T"/>; an empty body is <c>{}</c> where <paramref name="optional"/>.
    /// </summary>
    public static async ValueTask<Result<T>> ReadAsync<T>(
        HttpRequest request, JsonTypeInfo<T> type, CancellationToken stop, bool optional = false)
        where T : notnull
    {
        var read = await ReadDocumentAsync(request, stop, optional);
        if (read.Refusal is { } refusal) return refusal;
        using var document = read.Value;
        return As(document.RootElement, type);
    }

    /// <summary>The body as a JSON object; the caller disposes it.</summary>
    public static async ValueTask<Result<JsonDocument>> ReadDocumentAsync(
        HttpRequest request, CancellationToken stop, bool optional = false)
    {
        var body = await ReadBytesAsync(request, stop);
        if (body.Length == 0)
        {
            return optional
                ? JsonDocument.Parse("{}")
                : new Refusal(HttpRefusals.MalformedJson, "the body is empty; it must be a JSON object");
        }

        var mediaType = request.ContentType.AsSpan();
        if (mediaType.IndexOf(';') is >= 0 and var parameters) mediaType = mediaType[..parameters];
        if (request.ContentType is { Length: > 0 } && !IsJson(mediaType.Trim()))
            return new Refusal(HttpRefusals.UnsupportedMediaType, "the body must be application/json");

        try
        {
            var document = StrictJson.Parse(body);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
            document.Dispose();
            return new Refusal(HttpRefusals.MalformedJson, "the body must be a JSON object");
        }
        catch (JsonException wrong)
        {
            var where = wrong.LineNumber is { } line ? $" (line {line + 1}, byte {wrong.BytePositionInLine})" : "";
            return new Refusal(HttpRefusals.MalformedJson,
                $"the body is not acceptable JSON{where}: wrong syntax, a duplicate member, too deep, or not "
                + "well-formed Unicode");
        }
    }

    /// <summary>
    /// The whole body; the server has bounded its length (<c>BROKER_REQUEST_BODY_LIMIT_BYTES</c>, 413).
    /// </summary>
    private static async ValueTask<byte[]> ReadBytesAsync(HttpRequest request, CancellationToken stop)
    {
        if (request.ContentLength == 0) return [];
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(stop);
            if (read.IsCompleted)
            {
                var body = read.Buffer.IsEmpty ? [] : read.Buffer.ToArray();
                request.BodyReader.AdvanceTo(read.Buffer.End);
                return body;
            }

            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>
    /// Maps a JSON object to a <typeparamref name="T"/>; a member of the wrong type or missing is an invalid field.
    /// </summary>
    public static Result<T> As<T>(JsonElement element, JsonTypeInfo<T> type)
        where T : notnull
    {
        var missing = type.Properties
            .Where(member => member.IsRequired && !element.TryGetProperty(member.Name, out _))
            .Select(member => member.Name).ToArray();
        if (missing.Length > 0)
            return new Refusal(HttpRefusals.InvalidField, $"{string.Join(", ", missing)} must be there");
        try
        {
            return element.Deserialize(type) is { } value
                ? value
                : new Refusal(HttpRefusals.MalformedJson, "the body must be a JSON object");
        }
        catch (JsonException wrong)
        {
            return new Refusal(HttpRefusals.InvalidField, wrong.Path is { Length: > 2 } path
                ? $"{Shorten(path[2..])} has the wrong type"
                : "a member has the wrong type");
        }
    }

    private static bool IsJson(ReadOnlySpan<char> mediaType) =>
        mediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        || (mediaType.StartsWith("application/", StringComparison.OrdinalIgnoreCase)
            && mediaType.EndsWith("+json", StringComparison.OrdinalIgnoreCase));

    private static string Shorten(string text) => text.Length <= 200 ? text : text[..200];
}

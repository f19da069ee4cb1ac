using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace Broker.Http;

/// <summary>
/// Reads request bodies: JSON whatever the content type says it is short of another type, no duplicate members, no
/// comments, no trailing text, bounded depth. Members that we do not know are passed over.
/// </summary>
internal static class StrictJson
{
    /// <summary>
    /// For everything that we write: only <c>"</c>, <c>\</c> and control characters are escaped; no answer is HTML.
    /// </summary>
    public static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonDocumentOptions DocumentOptions = new()
    {
        AllowDuplicateProperties = false,
        MaxDepth = 16,
    };

    /// <summary>
    /// JSON of foreign make: no duplicate members, at most 16 deep, and all of it well-formed Unicode, so that reading
    /// a member's name or text later never throws. The caller disposes it.
    /// </summary>
    /// <exception cref="JsonException">It is not that.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> utf8)
    {
        if (!Utf8.IsValid(utf8.Span)) throw new JsonException("not UTF-8");
        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(utf8, DocumentOptions);

            // What is valid UTF-8 can still name half a surrogate pair, and only by an escape.
            if (utf8.Span.Contains((byte)'\\')) ReadEveryText(document.RootElement);
            return document;
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            document?.Dispose();
            throw wrong as JsonException ?? new JsonException("half a surrogate pair", wrong);
        }
    }

    /// <summary>
    /// The body as a <typeparamref name="T"/>; an empty body is <c>{}</c> where <paramref name="optional"/>.
    /// </summary>
    public static async ValueTask<Outcome<T>> ReadAsync<T>(
        HttpRequest request, JsonTypeInfo<T> type, CancellationToken stop, bool optional = false)
        where T : notnull
    {
        var read = await ReadDocumentAsync(request, stop, optional);
        if (read.Refusal is { } refusal) return refusal;
        using var document = read.Value;
        return As(document.RootElement, type);
    }

    /// <summary>The body as a JSON object; the caller disposes it.</summary>
    public static async ValueTask<Outcome<JsonDocument>> ReadDocumentAsync(
        HttpRequest request, CancellationToken stop, bool optional = false)
    {
        var body = await ReadBytesAsync(request, stop);
        if (body.Length == 0)
        {
            return optional
                ? JsonDocument.Parse("{}")
                : new Refusal(RefusalCode.MalformedJson, "the body is empty; it must be a JSON object");
        }

        var mediaType = request.ContentType.AsSpan();
        if (mediaType.IndexOf(';') is >= 0 and var parameters) mediaType = mediaType[..parameters];
        if (request.ContentType is { Length: > 0 } && !IsJson(mediaType.Trim()))
            return new Refusal(RefusalCode.UnsupportedMediaType, "the body must be application/json");

        try
        {
            var document = Parse(body);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
            document.Dispose();
            return new Refusal(RefusalCode.MalformedJson, "the body must be a JSON object");
        }
        catch (JsonException wrong)
        {
            var where = wrong.LineNumber is { } line ? $" (line {line + 1}, byte {wrong.BytePositionInLine})" : "";
            return new Refusal(RefusalCode.MalformedJson,
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
    public static Outcome<T> As<T>(JsonElement element, JsonTypeInfo<T> type)
        where T : notnull
    {
        try
        {
            return element.Deserialize(type) is { } value
                ? value
                : new Refusal(RefusalCode.MalformedJson, "the body must be a JSON object");
        }
        catch (JsonException wrong)
        {
            return new Refusal(RefusalCode.InvalidField, wrong.Path is { Length: > 2 } path
                ? $"{Shorten(path[2..])} is missing or has the wrong type"
                : Shorten(wrong.Message));
        }
    }

    /// <exception cref="InvalidOperationException">A text or a name is not well-formed.</exception>
    private static void ReadEveryText(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.String) _ = element.GetString();
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray()) ReadEveryText(item);
        }

        if (element.ValueKind != JsonValueKind.Object) return;
        foreach (var member in element.EnumerateObject())
        {
            _ = member.Name;
            ReadEveryText(member.Value);
        }
    }

    private static bool IsJson(ReadOnlySpan<char> mediaType) =>
        mediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        || (mediaType.StartsWith("application/", StringComparison.OrdinalIgnoreCase)
            && mediaType.EndsWith("+json", StringComparison.OrdinalIgnoreCase));

    private static string Shorten(string text) => text.Length <= 200 ? text : text[..200];
}

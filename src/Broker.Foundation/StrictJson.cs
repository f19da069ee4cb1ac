using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace Broker.Foundation;

/// <summary>
/// The one reader of JSON that others wrote and that decides something: no member twice (RFC 7493 §2.3), no comments,
/// no trailing text, at most <see cref="MaxDepth"/> deep, and all of it well-formed Unicode. Two readers of the same
/// bytes therefore never see two different documents.
/// </summary>
public static class StrictJson
{
    /// <summary>How deep arrays and objects may nest, unless the caller names another depth.</summary>
    public const int MaxDepth = 16;

    /// <summary>
    /// For everything that we write: only <c>"</c>, <c>\</c> and control characters are escaped; no answer is HTML.
    /// </summary>
    public static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>
    /// Parses a whole document. Reading a name or a text of it later never throws. The caller disposes it.
    /// </summary>
    /// <exception cref="JsonException">The bytes are not such a document.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> utf8, int maxDepth = MaxDepth)
    {
        if (!Utf8.IsValid(utf8.Span)) throw new JsonException("not UTF-8");
        var options = new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = maxDepth };
        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(utf8, options);

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

    /// <summary>Parses a whole document and maps it to a <typeparamref name="T"/>.</summary>
    /// <exception cref="JsonException">
    /// The bytes are not such a document, are <c>null</c>, or do not fit the type.
    /// </exception>
    public static T Deserialize<T>(ReadOnlyMemory<byte> utf8, JsonTypeInfo<T> type, int maxDepth = MaxDepth)
        where T : notnull
    {
        using var document = Parse(utf8, maxDepth);
        return document.RootElement.Deserialize(type) ?? throw new JsonException("null where a value is needed");
    }

    /// <summary>
    /// Why such bytes were refused, without a word of theirs: the framework's own messages repeat names that others
    /// wrote and show the names of our classes.
    /// </summary>
    public static string Reason(JsonException wrong)
    {
        if (wrong.Path is { Length: > 2 } path) return $"{ForeignText.Excerpt(path[2..], 80)} has the wrong type";
        return wrong.Path is null
            ? "not JSON, a name twice, too deep, or not well-formed Unicode"
            : "a member is missing, or the whole is of another type";
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
}

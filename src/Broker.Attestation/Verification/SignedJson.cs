using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Broker.Foundation;

namespace Broker.Attestation.Verification;

/// <summary>
/// Reads fields of Intel's signed JSON strictly and remembers the first fault: after one, every read gives a default,
/// so that a reader may go through a document in a straight line and ask once at the end.
/// </summary>
internal sealed class SignedJson
{
    /// <summary>The first field that was absent or not of its form; null as long as all were right.</summary>
    public string? Fault { get; private set; }

    /// <summary>
    /// The root object; null, with <see cref="Fault"/> set, when the text is not one JSON object without repeated
    /// names.
    /// </summary>
    public JsonElement? Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = StrictJson.Parse(utf8);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return document.RootElement.Clone();
        }
        catch (JsonException)
        {
        }

        Fail("JSON");
        return null;
    }

    public T Fail<T>(string field, T value = default!)
    {
        Fault ??= field;
        return value;
    }

    public void Fail(string field) => Fault ??= field;

    public JsonElement Object(JsonElement parent, string name)
        => Property(parent, name) is { ValueKind: JsonValueKind.Object } value
            ? value
            : Fail(name, default(JsonElement));

    /// <summary>The elements of an array with at most <paramref name="most"/> of them, all of them objects.</summary>
    public ImmutableArray<JsonElement> Objects(JsonElement parent, string name, int most)
    {
        if (Property(parent, name) is not { ValueKind: JsonValueKind.Array } array || array.GetArrayLength() > most)
        {
            return Fail(name, ImmutableArray<JsonElement>.Empty);
        }

        var elements = ImmutableArray.CreateRange(array.EnumerateArray());
        foreach (var element in elements)
        {
            if (element.ValueKind != JsonValueKind.Object) return Fail(name, ImmutableArray<JsonElement>.Empty);
        }

        return elements;
    }

    public int Integer(JsonElement parent, string name, int most)
        => Property(parent, name) is { ValueKind: JsonValueKind.Number } value
            && value.TryGetInt32(out var number) && number >= 0 && number <= most
            ? number
            : Fail(name, 0);

    public string Text(JsonElement parent, string name) => TextOf(Property(parent, name)) ?? Fail(name, "");

    /// <summary>Bytes in hex of either case.</summary>
    public ReadOnlyMemory<byte> Hex(JsonElement parent, string name, int length)
    {
        var bytes = new byte[length];
        return TextOf(Property(parent, name)) is { } text && text.Length == 2 * length
            && Convert.FromHexString(text, bytes, out _, out _) == OperationStatus.Done
            ? bytes
            : Fail(name, bytes);
    }

    /// <summary>A date and time of RFC 3339, such as <c>2026-01-31T23:59:59Z</c>.</summary>
    public DateTimeOffset Date(JsonElement parent, string name)
        => Rfc3339.Read(TextOf(Property(parent, name))) ?? Fail(name, default(DateTimeOffset));

    /// <summary>A status that this kind of level may have.</summary>
    public TcbStatus Status(JsonElement parent, string name, ReadOnlySpan<TcbStatus> allowed)
    {
        var text = TextOf(Property(parent, name));
        foreach (var status in allowed)
        {
            if (text == status.ToString()) return status;
        }

        return Fail(name, TcbStatus.Revoked);
    }

    /// <summary>An array of texts, or nothing when it is absent.</summary>
    public ImmutableArray<string> OptionalTexts(JsonElement parent, string name, int most)
    {
        if (Property(parent, name) is not { } array) return [];
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() > most)
        {
            return Fail(name, ImmutableArray<string>.Empty);
        }

        var texts = ImmutableArray.CreateBuilder<string>(array.GetArrayLength());
        foreach (var element in array.EnumerateArray()) texts.Add(TextOf(element) ?? Fail(name, ""));
        return texts.MoveToImmutable();
    }

    private static JsonElement? Property(JsonElement parent, string name)
        => parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) ? value : null;

    private static string? TextOf(JsonElement? element)
        => element is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
}

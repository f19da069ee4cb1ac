using System.Text.Json;
using System.Text.Json.Serialization;

namespace Broker.KmsAuthorizer.Policy;

/// <summary>A list of texts that holds texts only; the framework would let a null pass inside a list.</summary>
internal sealed class TextListConverter : JsonConverter<IReadOnlyList<string>>
{
    public override IReadOnlyList<string> Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
    {
        if (reader.TokenType is not JsonTokenType.StartArray) throw new JsonException("a list of texts is expected");
        var texts = new List<string>();
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            texts.Add(reader.TokenType is JsonTokenType.String
                ? JsonSerializer.Deserialize<string>(ref reader, options)!
                : throw new JsonException("a list of texts holds something else"));
        }

        return texts;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<string> value, JsonSerializerOptions options) =>
        throw new NotSupportedException("policies are only read");
}

/// <summary>The map of apps, each with a rule; the framework would let a null pass as a rule.</summary>
internal sealed class AppRulesConverter : JsonConverter<IReadOnlyDictionary<string, AppRule>>
{
    public override IReadOnlyDictionary<string, AppRule> Read(
        ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
    {
        var apps = JsonSerializer.Deserialize<Dictionary<string, AppRule?>>(ref reader, options)!;
        return apps.ContainsValue(null)
            ? throw new JsonException("an app has null for its rule")
            : apps.ToDictionary(app => app.Key, app => app.Value!, StringComparer.Ordinal);
    }

    public override void Write(
        Utf8JsonWriter writer, IReadOnlyDictionary<string, AppRule> value, JsonSerializerOptions options) =>
        throw new NotSupportedException("policies are only read");
}

using System.Net;
using System.Text.Json;

namespace Broker.Tests.Hosting;

/// <summary>What the broker answered, read to the end.</summary>
public sealed class Answer
{
    private readonly HttpResponseMessage _message;
    private readonly Lazy<JsonElement> _json;

    private Answer(HttpResponseMessage message, string text)
    {
        _message = message;
        Text = text;
        _json = new(() => JsonDocument.Parse(text).RootElement.Clone());
    }

    public HttpStatusCode Status => _message.StatusCode;

    public string Text { get; }

    public JsonElement Json => _json.Value;

    public string RequestId =>
        Header("X-Request-Id") ?? throw new InvalidOperationException("the answer has no X-Request-Id");

    /// <summary>A member of the answer's object, as text; null when it is not there.</summary>
    public string? this[string member] =>
        Json.ValueKind == JsonValueKind.Object && Json.TryGetProperty(member, out var value) ? value.ToString() : null;

    public static async Task<Answer> OfAsync(HttpResponseMessage message) =>
        new(message, await message.Content.ReadAsStringAsync());

    public string? Header(string name) =>
        _message.Headers.TryGetValues(name, out var values) || _message.Content.Headers.TryGetValues(name, out values)
            ? string.Join(", ", values)
            : null;

    public long Number(string member) => Json.GetProperty(member).GetInt64();

    public override string ToString() => $"{(int)Status} {Text}";
}

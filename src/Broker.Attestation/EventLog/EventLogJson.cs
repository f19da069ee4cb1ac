using System.Buffers;
using System.Text.Json;
using Broker.Attestation.Decoding;
using Broker.Foundation;

namespace Broker.Attestation.EventLog;

/// <summary>
/// The JSON form of an event log: an array of objects with <c>imr</c>, <c>event_type</c>, <c>digest</c> (hex),
/// <c>event</c>, <c>event_payload</c> (hex) and, for V2 events only, <c>version</c> and <c>preimage</c>.
/// Example: <c>[{"imr":3,"event_type":134217729,"digest":"f997…","event":"system-preparing","event_payload":""}]</c>.
/// </summary>
public static class EventLogJson
{
    /// <summary>The bound on one log; a real one has some 9 KiB.</summary>
    public const int MaxLength = 4 * 1024 * 1024;

    public const int MaxEvents = 16_384;

    public static Decoded<TdxEventLog> Parse(ReadOnlyMemory<byte> json)
    {
        if (json.Length > MaxLength) return Refused($"event log of {json.Length} bytes is above {MaxLength}");
        try
        {
            using var document = StrictJson.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Array) return Refused("event log is not a JSON array");
            if (document.RootElement.GetArrayLength() > MaxEvents)
            {
                return Refused($"event log has more than {MaxEvents} events");
            }

            return new TdxEventLog(document.RootElement.EnumerateArray().Select(Read).ToList());
        }
        catch (JsonException fault)
        {
            return Refused($"event log: {StrictJson.Reason(fault)}");
        }
        catch (Exception fault) when (fault is FormatException or InvalidOperationException)
        {
            return Refused($"event log: {fault.Message}");
        }
    }

    public static byte[] Write(TdxEventLog log)
    {
        var output = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(output);
        json.WriteStartArray();
        foreach (var entry in log.Events) Write(json, entry);
        json.WriteEndArray();
        json.Flush();
        return output.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, TdxEvent entry)
    {
        json.WriteStartObject();
        json.WriteNumber("imr", entry.Imr);
        json.WriteNumber("event_type", entry.EventType);
        json.WriteString("digest", Convert.ToHexStringLower(entry.Digest.Span));
        json.WriteString("event", entry.Name);
        json.WriteString("event_payload", Convert.ToHexStringLower(entry.Payload.Span));
        if (entry.Version != EventDigestVersion.V1) json.WriteNumber("version", (int)entry.Version);
        if (entry.Preimage is not null) json.WriteString("preimage", entry.Preimage);
        json.WriteEndObject();
    }

    private static TdxEvent Read(JsonElement entry) => new(
        Required(entry, "imr").GetUInt32(),
        Required(entry, "event_type").GetUInt32(),
        Hex(Optional(entry, "digest")),
        Text(Optional(entry, "event")),
        Hex(Optional(entry, "event_payload")),
        Version(Optional(entry, "version")),
        Optional(entry, "preimage") is { ValueKind: JsonValueKind.String } preimage ? preimage.GetString() : null);

    private static JsonElement Required(JsonElement entry, string name)
        => Optional(entry, name) ?? throw new FormatException($"an event has no {name}");

    private static JsonElement? Optional(JsonElement entry, string name)
        => entry.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string Text(JsonElement? value) => value?.GetString() ?? "";

    private static byte[] Hex(JsonElement? value) => Convert.FromHexString(Text(value));

    private static EventDigestVersion Version(JsonElement? value) => (value?.GetUInt32() ?? 1) switch
    {
        1 => EventDigestVersion.V1,
        2 => EventDigestVersion.V2,
        var other => throw new FormatException($"an event has digest version {other}"),
    };

    private static Decoded<TdxEventLog> Refused(string error) => Decoded<TdxEventLog>.Refused(error);
}

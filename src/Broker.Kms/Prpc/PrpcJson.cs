using System.Buffers;
using System.Collections;
using System.Text.Json;
using Broker.Foundation;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Broker.Kms.Prpc;

/// <summary>
/// The JSON encoding of prpc (kms-protocol §1.5), which is not protobuf's canonical one: names as in the <c>.proto</c>,
/// every field always written, bytes as lower-case hex, 64-bit integers as JSON numbers, absent optionals as null.
/// </summary>
internal static class PrpcJson
{
    public static byte[] Write(IMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, StrictJson.WriterOptions)) WriteMessage(json, message);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Fills <paramref name="message"/> from a JSON object. Missing fields keep their default, unknown ones are
    /// ignored, and no name may stand twice; an empty text is the all-default message.
    /// </summary>
    /// <exception cref="PrpcFormatException">
    /// The text is not a JSON object, or a field's value has another type.
    /// </exception>
    public static void Read(ReadOnlyMemory<byte> text, IMessage message)
    {
        if (text.IsEmpty) return;
        try
        {
            using var json = StrictJson.Parse(text);
            ReadMessage(json.RootElement, message);
        }
        catch (JsonException malformed)
        {
            throw new PrpcFormatException($"malformed JSON: {malformed.Message}");
        }
    }

    private static void WriteMessage(Utf8JsonWriter json, IMessage message)
    {
        json.WriteStartObject();
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            json.WritePropertyName(field.Name);
            var isAbsent = field.HasPresence && !field.Accessor.HasValue(message);
            var value = isAbsent ? null : field.Accessor.GetValue(message);
            if (field.IsRepeated) WriteArray(json, field, (IEnumerable)value!);
            else WriteValue(json, field, value);
        }

        json.WriteEndObject();
    }

    private static void WriteArray(Utf8JsonWriter json, FieldDescriptor field, IEnumerable values)
    {
        json.WriteStartArray();
        foreach (var value in values) WriteValue(json, field, value);
        json.WriteEndArray();
    }

    private static void WriteValue(Utf8JsonWriter json, FieldDescriptor field, object? value)
    {
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case string text: json.WriteStringValue(text); break;
            case ByteString bytes: json.WriteStringValue(Convert.ToHexStringLower(bytes.Span)); break;
            case bool flag: json.WriteBooleanValue(flag); break;
            case uint number: json.WriteNumberValue(number); break;
            case ulong number: json.WriteNumberValue(number); break;
            case IMessage message: WriteMessage(json, message); break;
            default:
                throw new InvalidOperationException($"internal error: {field.FullName} has a type that prpc lacks");
        }
    }

    private static void ReadMessage(JsonElement json, IMessage message)
    {
        if (json.ValueKind == JsonValueKind.Null && message.Descriptor.Fields.InDeclarationOrder().Count == 0) return;
        if (json.ValueKind != JsonValueKind.Object) throw new PrpcFormatException("expected a JSON object");

        foreach (var property in json.EnumerateObject())
        {
            if (message.Descriptor.FindFieldByName(property.Name) is not { } field) continue;
            if (property.Value.ValueKind == JsonValueKind.Null && field.HasPresence) continue;
            if (field.IsRepeated) ReadArray(property.Value, field, (IList)field.Accessor.GetValue(message));
            else field.Accessor.SetValue(message, ReadValue(property.Value, field));
        }
    }

    private static void ReadArray(JsonElement json, FieldDescriptor field, IList values)
    {
        if (json.ValueKind != JsonValueKind.Array)
            throw new PrpcFormatException($"field {field.Name} must be an array");
        foreach (var element in json.EnumerateArray()) values.Add(ReadValue(element, field));
    }

    private static IMessage ReadSubmessage(JsonElement json, FieldDescriptor field)
    {
        var message = field.MessageType.Parser.ParseFrom(ByteString.Empty);
        ReadMessage(json, message);
        return message;
    }

    private static object ReadValue(JsonElement json, FieldDescriptor field) => (field.FieldType, json.ValueKind) switch
    {
        (FieldType.String, JsonValueKind.String) => json.GetString()!,
        (FieldType.Bytes, JsonValueKind.String) => PrpcHex.Read(field.Name, json.GetString()!),
        (FieldType.Bool, JsonValueKind.True or JsonValueKind.False) => json.GetBoolean(),
        (FieldType.UInt32, JsonValueKind.Number) when json.TryGetUInt32(out var number) => number,
        (FieldType.UInt64, JsonValueKind.Number) when json.TryGetUInt64(out var number) => number,
        (FieldType.Message, JsonValueKind.Object) => ReadSubmessage(json, field),
        _ => throw new PrpcFormatException($"field {field.Name} must be {Expected(field.FieldType)}"),
    };

    private static string Expected(FieldType type) => type switch
    {
        FieldType.String => "a string",
        FieldType.Bytes => "a string of hex digits",
        FieldType.Bool => "true or false",
        FieldType.UInt32 => "a number from 0 to 4294967295",
        FieldType.UInt64 => "a number from 0 to 18446744073709551615",
        FieldType.Message => "an object",
        _ => "left out",
    };
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Broker.Attestation.VirtualMachine;

/// <summary>Bytes as hex in JSON: written in lower case, read in any case and with or without <c>0x</c>.</summary>
internal sealed class HexBytesConverter : JsonConverter<ReadOnlyMemory<byte>>
{
    public override ReadOnlyMemory<byte> Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String) throw new JsonException("hex expected");
        var text = reader.GetString()!;
        try
        {
            return Convert.FromHexString(text.StartsWith("0x", StringComparison.Ordinal) ? text.AsSpan(2) : text);
        }
        catch (FormatException)
        {
            throw new JsonException("not hex");
        }
    }

    public override void Write(Utf8JsonWriter writer, ReadOnlyMemory<byte> value, JsonSerializerOptions options)
        => writer.WriteStringValue(Convert.ToHexStringLower(value.Span));
}

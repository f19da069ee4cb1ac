using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Foundation;

namespace Broker.Capabilities;

/// <summary>The signed part of a capability (contract §2.17).</summary>
/// <param name="Operator"><c>0x</c> and 64 hex digits, as the actor's and the hash.</param>
/// <param name="IssuedAt">Unix seconds, as the expiry.</param>
/// <param name="Nonce">32 hex digits.</param>
internal sealed record CapabilityPayload(
    [property: JsonPropertyName("operator_omni"), JsonRequired] string Operator,
    [property: JsonPropertyName("actor_omni"), JsonRequired] string Actor,
    [property: JsonPropertyName("service"), JsonRequired] string Service,
    [property: JsonPropertyName("op"), JsonRequired] string Op,
    [property: JsonPropertyName("data_class"), JsonRequired] string DataClass,
    [property: JsonPropertyName("device_key_hash"), JsonRequired] string DeviceKeyHash,
    [property: JsonPropertyName("k3_epoch"), JsonRequired] long Epoch,
    [property: JsonPropertyName("issued_at"), JsonRequired] long IssuedAt,
    [property: JsonPropertyName("expires_at"), JsonRequired] long ExpiresAt,
    [property: JsonPropertyName("nonce"), JsonRequired] string Nonce)
{
    /// <summary>
    /// The bytes that are signed: compact JSON in exactly the contract's order of fields, however the payload was
    /// written on its way here.
    /// </summary>
    public ReadOnlyMemory<byte> ToBytes()
    {
        var payload = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(payload, StrictJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("operator_omni"u8, Operator);
            json.WriteString("actor_omni"u8, Actor);
            json.WriteString("service"u8, Service);
            json.WriteString("op"u8, Op);
            json.WriteString("data_class"u8, DataClass);
            json.WriteString("device_key_hash"u8, DeviceKeyHash);
            json.WriteNumber("k3_epoch"u8, Epoch);
            json.WriteNumber("issued_at"u8, IssuedAt);
            json.WriteNumber("expires_at"u8, ExpiresAt);
            json.WriteString("nonce"u8, Nonce);
            json.WriteEndObject();
        }

        return payload.WrittenMemory;
    }
}

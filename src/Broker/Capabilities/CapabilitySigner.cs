using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Broker.Cryptography;
using Broker.Foundation;
using Broker.Ledger;
using Broker.SigningKeys;

namespace Broker.Capabilities;

/// <summary>A capability that was signed: the payload's own bytes, and the signature over them.</summary>
internal sealed record SignedCapability(ReadOnlyMemory<byte> Payload, byte[] Signature);

/// <summary>
/// Signs capabilities with the session key (contract §2.17): P-256 over the SHA-256 of the payload's bytes, which the
/// signature hashes once more, as raw r‖s. The payload is compact JSON in exactly the contract's order of fields, and
/// the answer holds these very bytes.
/// </summary>
internal sealed class CapabilitySigner(SessionKeys keys)
{
    /// <summary>The key that signs now. A release takes it along, so that its entry names its key.</summary>
    public Es256Key Key => keys.Signing;

    /// <summary>Signs what the ledger holds, once.</summary>
    public SignedCapability Sign(RecordedRelease<CapabilityRelease> recorded)
    {
        var release = recorded.Redeem();
        var payload = PayloadOf(release);
        var signature = new byte[Es256.SignatureSize];
        release.Key.Sign(SHA256.HashData(payload.Span), signature);
        return new SignedCapability(payload, signature);
    }

    internal static ReadOnlyMemory<byte> PayloadOf(CapabilityRelease release)
    {
        var wish = release.Wish;
        var payload = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(payload, StrictJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("operator_omni"u8, $"0x{wish.Operator}");
            json.WriteString("actor_omni"u8, $"0x{wish.Actor}");
            json.WriteString("service"u8, wish.Service);
            json.WriteString("op"u8, wish.Route.Op);
            json.WriteString("data_class"u8, wish.DataClass);
            json.WriteString("device_key_hash"u8, wish.DeviceKeyHash);
            json.WriteNumber("k3_epoch"u8, release.Epoch);
            json.WriteNumber("issued_at"u8, release.IssuedAt.ToUnixTimeSeconds());
            json.WriteNumber("expires_at"u8, release.ExpiresAt.ToUnixTimeSeconds());
            json.WriteString("nonce"u8, release.Nonce);
            json.WriteEndObject();
        }

        return payload.WrittenMemory;
    }
}

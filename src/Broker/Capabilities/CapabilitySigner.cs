using System.Security.Cryptography;
using Broker.Cryptography;
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
    public static SignedCapability Sign(RecordedRelease<CapabilityRelease> recorded)
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
        return new CapabilityPayload(
            $"0x{wish.Operator}", $"0x{wish.Actor}", wish.Service, wish.Route.Op, wish.DataClass, wish.DeviceKeyHash,
            release.Epoch, release.IssuedAt.ToUnixTimeSeconds(), release.ExpiresAt.ToUnixTimeSeconds(), release.Nonce)
            .ToBytes();
    }
}

using System.Text;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Identity;
using Broker.Storage;
using Dapper;

namespace Broker.Capabilities;

/// <summary>
/// The device's proof of a capability (contract §2.17): an EIP-191 signature by the key of <c>device_key_hash</c> over
/// the 32 raw bytes of the Keccak-256 of
/// <c>agentkeys-cap-pop:v1:operator:actor:keccak(service):op:data_class:client_nonce:client_ts</c>. It is checked
/// whenever it is there, is good for five minutes, and its nonce for once.
/// </summary>
internal sealed class CapabilityProofs(StateDatabase database, CapabilityOptions options, TimeProvider time)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(300);
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Signature and time. Uses nothing up; null where the proof holds, or none came and none is needed.
    /// </summary>
    public Refusal? Check(CapabilityWish wish) => wish.Proof is null
        ? options.RequireProof ? Missing() : null
        : Check(wish.Subject, wish.Route.Op, wish.DataClass, wish.Proof, time.GetUtcNow());

    /// <summary>The same where a proof must be there, whoever asks for it; its nonce is not looked at.</summary>
    public static Refusal? Check(
        CapabilitySubject subject, string op, string dataClass, CapabilityProof? proof, DateTimeOffset at)
    {
        if (proof is null) return Missing();
        var signature = WalletSignature.Parse(proof.Signature);
        if (signature.Refusal is { } malformed) return Invalid($"client_sig: {malformed.Detail}");
        var text = TextOf(subject, op, dataClass, proof);
        var signer = signature.Value.SignerOf(Keccak256.HashData(Encoding.ASCII.GetBytes(text)));
        if (signer is not { } address || new DeviceKey(address).Hash != subject.DeviceKeyHash)
            return Invalid("client_sig is not the signature of the device");
        var now = at.ToUnixTimeSeconds();
        return proof.Time < now - (long)Freshness.TotalSeconds || proof.Time > now + (long)Skew.TotalSeconds
            ? Invalid("client_ts is more than 300 seconds old, or ahead of our clock")
            : null;
    }

    /// <summary>Uses the nonce up; a refusal where it was used before. Durable when it returns.</summary>
    public Refusal? Use(CapabilityWish wish)
    {
        if (wish.Proof is not { } proof) return null;
        using var connection = database.Connect();
        var isNew = connection.Execute(
            "INSERT INTO capability_nonces (device_key_hash, nonce, expires_at) VALUES (@Device, @Nonce, @Until) "
            + "ON CONFLICT DO NOTHING",
            new
            {
                Device = wish.DeviceKeyHash,
                proof.Nonce,
                Until = (time.GetUtcNow() + Freshness + Skew).ToUnixTimeSeconds(),
            }) == 1;
        return isNew ? null : Invalid("client_nonce was used before");
    }

    private static string TextOf(CapabilitySubject subject, string op, string dataClass, CapabilityProof proof)
    {
        var service = Convert.ToHexStringLower(Keccak256.HashData(Encoding.ASCII.GetBytes(subject.Service)));
        return $"agentkeys-cap-pop:v1:{subject.Operator}:{subject.Actor}:{service}:{op}:{dataClass}:{proof.Nonce}:"
            + $"{proof.Time}";
    }

    private static Refusal Missing() => Invalid("client_sig, client_nonce and client_ts must be there");

    private static Refusal Invalid(string why) => new(CapabilityRefusals.CapPopInvalid, why);
}

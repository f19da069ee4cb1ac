using System.Text;
using Broker.Cryptography;
using Broker.Foundation.Results;

namespace Broker.Identity;

/// <summary>
/// The key of a device (contract §2.16): <c>device_pubkey</c> is its address, its hash is the Keccak-256 of the 20
/// address bytes, and the proof of possession is an EIP-191 signature over the 32 raw bytes of
/// <c>keccak256("agentkeys-agent-pop:" + hash)</c>.
/// </summary>
internal sealed record DeviceKey(EthereumAddress Address)
{
    /// <summary><c>0x</c> and 64 lower-case hex digits.</summary>
    public string Hash => field ??= HashOf(Address);

    /// <summary>The proof's signer must be the device itself.</summary>
    public Refusal? CheckPossession(string signature)
    {
        var parsed = WalletSignature.Parse(signature);
        if (parsed.Refusal is { } malformed) return malformed.Within("pop_sig");
        var signed = Keccak256.HashData(Encoding.ASCII.GetBytes($"agentkeys-agent-pop:{Hash}"));
        return parsed.Value.SignerOf(signed) == Address
            ? null
            : new Refusal(IdentityRefusals.SignatureMismatch, "pop_sig is not the signature of device_pubkey");
    }

    private static string HashOf(EthereumAddress address)
    {
        Span<byte> bytes = stackalloc byte[EthereumAddress.SizeInBytes];
        address.CopyTo(bytes);
        return $"0x{Convert.ToHexStringLower(Keccak256.HashData(bytes))}";
    }
}

using System.Security.Cryptography;
using Broker.Cryptography;
using Broker.Ledger;

namespace Broker.Signer;

/// <summary>32 secret bytes, and the wallets that are derived from them (contract §10.2).</summary>
internal sealed class MasterSecret
{
    /// <summary>The first byte of the derivation's context; production's versions are 1 to 127.</summary>
    public const int KeyVersion = 1;

    private const int Size = 32;
    private const int MostTries = 16;

    private readonly byte[] _secret = GC.AllocateArray<byte>(Size, pinned: true);

    private MasterSecret(string hex) => Convert.FromHexString(hex, _secret, out _, out _);

    /// <summary>Takes 32 bytes.</summary>
    public MasterSecret(ReadOnlySpan<byte> secret) => secret.CopyTo(_secret);

    /// <exception cref="FormatException">It has not 64 hex digits; the message does not repeat it.</exception>
    public static MasterSecret Parse(string value) =>
        value.Length == 2 * Size && value.All(char.IsAsciiHexDigit)
            ? new MasterSecret(value)
            : throw new FormatException("must be 64 hex digits");

    /// <summary>
    /// The actor's key on secp256k1: HKDF-SHA256 (RFC 5869) with the salt <c>agentkeys-signer-v0</c> and, as context, the
    /// key version ‖ <c>agentkeys-evm-wallet</c> ‖ the omni's 32 bytes. Where that is no scalar in range, once in 2^128,
    /// a counting byte follows. The caller disposes it.
    /// </summary>
    public Secp256k1PrivateKey KeyOf(ActorOmni actor) => Derive(
        [KeyVersion, .. "agentkeys-evm-wallet"u8, .. Convert.FromHexString(actor.ToString())]);

    /// <summary>
    /// The public key that stands for the secret in evidence: of the same derivation, with the key version ‖
    /// <c>agentkeys-signer-identity</c> as context. Another one means other wallets.
    /// </summary>
    public Secp256k1PublicKey Identity()
    {
        using var key = Derive([KeyVersion, .. "agentkeys-signer-identity"u8]);
        return key.PublicKey;
    }

    private Secp256k1PrivateKey Derive(byte[] context)
    {
        Span<byte> scalar = stackalloc byte[Secp256k1.PrivateKeySize];
        try
        {
            for (var retry = 0; retry < MostTries; retry++)
            {
                HKDF.DeriveKey(
                    HashAlgorithmName.SHA256, _secret, scalar, "agentkeys-signer-v0"u8,
                    retry == 0 ? context : [.. context, (byte)retry]);
                if (Secp256k1PrivateKey.TryFromBytes(scalar, out var key)) return key;
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
        }

        throw new CryptographicException("no derived scalar was in range");
    }
}

using System.Buffers.Binary;
using Broker.Attestation.Apps;
using Broker.Cryptography;

namespace Broker.Kms.Keys;

/// <summary>
/// The signatures of the secp256k1 root (kms-protocol §4.3): Keccak-256 of <c>prefix ‖ ":" ‖ app id ‖ message</c>, as
/// 65 bytes <c>r ‖ s ‖ v</c> with v = 0 or 1. Verifiers recover the key and compare it with the one they trust.
/// </summary>
internal static class KmsSignature
{
    /// <summary>Says that the KMS issued this app key: over the 33-byte compressed public key.</summary>
    public static byte[] OverAppKey(RootKeys roots, AppId app, ReadOnlySpan<byte> compressedPublicKey) =>
        Sign(roots, "dstack-kms-issued:"u8, app, compressedPublicKey);

    /// <summary>The older signature over an env encryption key; it can be replayed for ever.</summary>
    public static byte[] OverEnvKey(RootKeys roots, AppId app, ReadOnlySpan<byte> publicKey) =>
        Sign(roots, "dstack-env-encrypt-pubkey:"u8, app, publicKey);

    /// <summary>The signature over an env encryption key together with the time, in Unix seconds.</summary>
    public static byte[] OverEnvKey(RootKeys roots, AppId app, ReadOnlySpan<byte> publicKey, ulong timestamp)
    {
        Span<byte> time = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(time, timestamp);
        return Sign(roots, "dstack-env-encrypt-pubkey:"u8, app, [.. time, .. publicKey]);
    }

    private static byte[] Sign(RootKeys roots, ReadOnlySpan<byte> prefix, AppId app, ReadOnlySpan<byte> message) =>
        roots.K256.SignRecoverable(Keccak256.HashData([.. prefix, .. app.ToBytes(), .. message]));
}

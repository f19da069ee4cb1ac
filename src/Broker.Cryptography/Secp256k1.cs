using Broker.Cryptography.Native;

namespace Broker.Cryptography;

/// <summary>
/// ECDSA with key recovery on secp256k1, over libsecp256k1. A signature is 65 bytes: <c>r</c> and <c>s</c>, 32 bytes
/// each, big-endian, and <c>v</c>, the recovery id 0 or 1 or, as wallets write it, 27 or 28.
/// </summary>
public static class Secp256k1
{
    public const int SignatureSize = 65;
    public const int HashSize = 32;
    public const int PrivateKeySize = 32;
    public const int CompressedKeySize = 33;
    public const int UncompressedKeySize = 65;

    // The order n of the group, and n / 2 rounded down (SEC 2 §2.4.1).
    private static ReadOnlySpan<byte> Order =>
    [
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE,
        0xBA, 0xAE, 0xDC, 0xE6, 0xAF, 0x48, 0xA0, 0x3B, 0xBF, 0xD2, 0x5E, 0x8C, 0xD0, 0x36, 0x41, 0x41,
    ];

    private static ReadOnlySpan<byte> HalfOrder =>
    [
        0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0x5D, 0x57, 0x6E, 0x73, 0x57, 0xA4, 0x50, 0x1D, 0xDF, 0xE9, 0x2F, 0x46, 0x68, 0x1B, 0x20, 0xA0,
    ];

    /// <summary>
    /// The address whose key signed the 32-byte <paramref name="hash"/>. It is meaningful only after
    /// <see cref="RecoveryOutcome.Recovered"/>, and must then be compared with the address that was expected.
    /// </summary>
    /// <param name="hash">Exactly 32 bytes.</param>
    /// <param name="signature">Anything at all; the outcome says what is wrong with it.</param>
    /// <param name="address">The signer, or the zero address.</param>
    /// <param name="allowHighS">True to accept the malleable twin of a signature too.</param>
    public static RecoveryOutcome RecoverAddress(
        ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature, out EthereumAddress address, bool allowHighS = false)
    {
        var outcome = RecoverPublicKey(hash, signature, out var key, allowHighS);
        address = key?.Address ?? default;
        return outcome;
    }

    /// <summary>The public key that signed; <paramref name="key"/> is set exactly when it was recovered.</summary>
    public static unsafe RecoveryOutcome RecoverPublicKey(
        ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature, out Secp256k1PublicKey? key, bool allowHighS = false)
    {
        if (hash.Length != HashSize) throw new ArgumentException("ECDSA here signs 32-byte digests", nameof(hash));
        key = null;
        if (signature.Length != SignatureSize) return RecoveryOutcome.WrongLength;
        var recoveryId = signature[64] switch { 0 or 27 => 0, 1 or 28 => 1, _ => -1 };
        if (recoveryId < 0) return RecoveryOutcome.WrongRecoveryId;
        if (!IsScalar(signature[..32]) || !IsScalar(signature[32..64])) return RecoveryOutcome.ScalarOutOfRange;
        if (!allowHighS && signature[32..64].SequenceCompareTo(HalfOrder) > 0) return RecoveryOutcome.HighS;

        var context = LibSecp256k1.Context;
        var parsed = stackalloc byte[LibSecp256k1.RecoverableSize];
        var native = stackalloc byte[LibSecp256k1.KeySize];
        fixed (byte* digest = hash, compact = signature)
        {
            if (LibSecp256k1.ParseRecoverable(context, parsed, compact, recoveryId) != 1)
            {
                return RecoveryOutcome.ScalarOutOfRange;
            }

            if (LibSecp256k1.Recover(context, native, parsed, digest) != 1) return RecoveryOutcome.NotRecoverable;
        }

        key = Secp256k1PublicKey.FromNative(native);
        return RecoveryOutcome.Recovered;
    }

    /// <summary>
    /// Between 1 and n - 1, compared as big-endian bytes. For public values: it does not run in constant time.
    /// </summary>
    private static bool IsScalar(ReadOnlySpan<byte> value) =>
        value.ContainsAnyExcept((byte)0) && value.SequenceCompareTo(Order) < 0;
}

using Broker.Cryptography.Native;

namespace Broker.Cryptography;

/// <summary>
/// Diffie-Hellman on Curve25519 (RFC 7748 §5 and §6.1), over libsodium. Private keys are any 32 bytes and are kept as
/// they are: clamping happens inside the multiplication.
/// </summary>
public static class X25519
{
    public const int KeySize = 32;

    /// <summary>The public key of a private key: its product with the base point 9.</summary>
    public static byte[] PublicKeyOf(ReadOnlySpan<byte> privateKey)
    {
        var publicKey = new byte[KeySize];
        PublicKeyOf(privateKey, publicKey);
        return publicKey;
    }

    /// <summary>Writes the 32 bytes of the public key.</summary>
    public static unsafe void PublicKeyOf(ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        RequireKeySize(privateKey, nameof(privateKey));
        RequireKeySize(publicKey, nameof(publicKey));
        Sodium.EnsureReady();
        fixed (byte* scalar = privateKey, result = publicKey) _ = Sodium.X25519Base(result, scalar);
    }

    /// <summary>
    /// Writes the 32 bytes of the shared secret. False, with nothing usable written, when the other side sent a point
    /// of small order, which would make the secret the same for everybody (RFC 7748 §6.1).
    /// </summary>
    public static unsafe bool TryAgree(
        ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> theirPublicKey, Span<byte> sharedSecret)
    {
        RequireKeySize(privateKey, nameof(privateKey));
        RequireKeySize(theirPublicKey, nameof(theirPublicKey));
        RequireKeySize(sharedSecret, nameof(sharedSecret));
        Sodium.EnsureReady();
        fixed (byte* scalar = privateKey, point = theirPublicKey, result = sharedSecret)
        {
            return Sodium.X25519(result, scalar, point) == 0;
        }
    }

    private static void RequireKeySize(ReadOnlySpan<byte> value, string name)
    {
        if (value.Length != KeySize) throw new ArgumentException("X25519 keys and secrets have 32 bytes", name);
    }
}

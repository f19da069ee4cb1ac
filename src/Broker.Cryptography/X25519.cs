using NSec.Cryptography;

namespace Broker.Cryptography;

/// <summary>
/// Diffie-Hellman on Curve25519 (RFC 7748 §5 and §6.1). Private keys are any 32 bytes and are kept as
/// they are: clamping happens inside the multiplication.
/// </summary>
public static class X25519
{
    public const int KeySize = 32;

    private static SharedSecretCreationParameters Exportable => new()
    {
        ExportPolicy = KeyExportPolicies.AllowPlaintextExport,
    };

    /// <summary>The public key of a private key: its product with the base point 9.</summary>
    public static byte[] PublicKeyOf(ReadOnlySpan<byte> privateKey)
    {
        var publicKey = new byte[KeySize];
        PublicKeyOf(privateKey, publicKey);
        return publicKey;
    }

    /// <summary>Writes the 32 bytes of the public key.</summary>
    public static void PublicKeyOf(ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        RequireKeySize(privateKey, nameof(privateKey));
        RequireKeySize(publicKey, nameof(publicKey));
        using var key = Key.Import(KeyAgreementAlgorithm.X25519, privateKey, KeyBlobFormat.RawPrivateKey);
        _ = key.PublicKey.TryExport(KeyBlobFormat.RawPublicKey, publicKey, out _);
    }

    /// <summary>
    /// Writes the 32 bytes of the shared secret. False, with nothing usable written, when the other side sent a point
    /// of small order, which would make the secret the same for everybody (RFC 7748 §6.1).
    /// </summary>
    public static bool TryAgree(
        ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> theirPublicKey, Span<byte> sharedSecret)
    {
        RequireKeySize(privateKey, nameof(privateKey));
        RequireKeySize(theirPublicKey, nameof(theirPublicKey));
        RequireKeySize(sharedSecret, nameof(sharedSecret));
        using var key = Key.Import(KeyAgreementAlgorithm.X25519, privateKey, KeyBlobFormat.RawPrivateKey);
        var theirs = PublicKey.Import(KeyAgreementAlgorithm.X25519, theirPublicKey, KeyBlobFormat.RawPublicKey);
        using var secret = KeyAgreementAlgorithm.X25519.Agree(key, theirs, Exportable);
        return secret is not null && secret.TryExport(SharedSecretBlobFormat.RawSharedSecret, sharedSecret, out _);
    }

    private static void RequireKeySize(ReadOnlySpan<byte> value, string name)
    {
        if (value.Length != KeySize) throw new ArgumentException("X25519 keys and secrets have 32 bytes", name);
    }
}

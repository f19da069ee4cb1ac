using System.Security.Cryptography;

namespace Broker.Cryptography;

/// <summary>
/// ES256 (RFC 7518 §3.4): ECDSA on P-256 over SHA-256, the signature being <c>r ‖ s</c>, 32 bytes each. The key is the
/// framework's; that it lies on P-256 is settled once, by <see cref="EcJwk.FromPublicKey"/>, not at every signature.
/// </summary>
public static class Es256
{
    public const int SignatureSize = 64;

    private const DSASignatureFormat Format = DSASignatureFormat.IeeeP1363FixedFieldConcatenation;

    /// <summary>Writes the 64 bytes of the signature over <paramref name="signingInput"/>.</summary>
    public static void Sign(ECDsa key, ReadOnlySpan<byte> signingInput, Span<byte> signature)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(signingInput, hash);
        if (!key.TrySignHash(hash, signature, Format, out var written) || written != SignatureSize)
        {
            throw new CryptographicException("an ES256 signature has 64 bytes: the key must be on P-256");
        }
    }

    /// <summary>True when the key signed the input. A signature of another length is simply no signature.</summary>
    public static bool Verify(ECDsa key, ReadOnlySpan<byte> signingInput, ReadOnlySpan<byte> signature) =>
        signature.Length == SignatureSize && key.VerifyData(signingInput, signature, HashAlgorithmName.SHA256, Format);
}

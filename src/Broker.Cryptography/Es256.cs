using System.Security.Cryptography;

namespace Broker.Cryptography;

/// <summary>
/// ES256 (RFC 7518 §3.4): ECDSA on P-256 over SHA-256, the signature being <c>r ‖ s</c>, 32 bytes each. The key is the
/// framework's; that it lies on P-256 is settled once, by <see cref="EcJwk.FromPublicKey"/>, not at every signature.
/// </summary>
/// <remarks>
/// Every signature has a twin: <c>n - s</c> in the place of <c>s</c> verifies as well. What we sign has the lower of the
/// two. Where a signature must have one spelling only, ask <see cref="IsLowerHalf"/> too.
/// </remarks>
public static class Es256
{
    public const int SignatureSize = 64;

    private const DSASignatureFormat Format = DSASignatureFormat.IeeeP1363FixedFieldConcatenation;
    private const int NumberSize = SignatureSize / 2;

    /// <summary>The order n of the group (FIPS 186-5, SP 800-186 §3.2.1.3).</summary>
    private static ReadOnlySpan<byte> Order =>
    [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];

    /// <summary>Half of n, rounded down.</summary>
    private static ReadOnlySpan<byte> HalfOrder =>
    [
        0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xde, 0x73, 0x7d, 0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8,
    ];

    /// <summary>
    /// Writes the 64 bytes of the signature over <paramref name="signingInput"/>; its s is of the lower half.
    /// </summary>
    public static void Sign(ECDsa key, ReadOnlySpan<byte> signingInput, Span<byte> signature)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(signingInput, hash);
        if (!key.TrySignHash(hash, signature, Format, out var written) || written != SignatureSize)
        {
            throw new CryptographicException("an ES256 signature has 64 bytes: the key must be on P-256");
        }

        if (!IsLowerHalf(signature)) Negate(signature[NumberSize..]);
    }

    /// <summary>True when the key signed the input. A signature of another length is simply no signature.</summary>
    public static bool Verify(ECDsa key, ReadOnlySpan<byte> signingInput, ReadOnlySpan<byte> signature) =>
        signature.Length == SignatureSize && key.VerifyData(signingInput, signature, HashAlgorithmName.SHA256, Format);

    /// <summary>Whether s is at most n/2. Of a signature and its twin exactly one is of the lower half.</summary>
    public static bool IsLowerHalf(ReadOnlySpan<byte> signature) =>
        signature.Length == SignatureSize && signature[NumberSize..].SequenceCompareTo(HalfOrder) <= 0;

    /// <summary>Puts n - s in the place of s. Signatures are public, so nothing here hides its timing.</summary>
    private static void Negate(Span<byte> s)
    {
        var borrow = 0;
        for (var i = NumberSize - 1; i >= 0; i--)
        {
            var difference = Order[i] - s[i] - borrow;
            borrow = difference < 0 ? 1 : 0;
            s[i] = (byte)difference;
        }
    }
}

using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;

namespace Broker.Cryptography;

/// <summary>
/// An ML-DSA-44 public key (FIPS 204, table 1). It verifies the pure variant with an empty context (FIPS 204 §5.3,
/// algorithm 3). Equal to another when the bytes are the same. Safe to use from many threads.
/// </summary>
/// <remarks>By BouncyCastle: the framework's own class needs OpenSSL 3.5, and Debian 12 has 3.0.</remarks>
public sealed class MLDsa44VerifyingKey : IVerifyingKey, IEquatable<MLDsa44VerifyingKey>
{
    public const int SizeInBytes = 1312;
    public const int SignatureSize = 2420;

    private readonly byte[] _bytes;
    private readonly MLDsaPublicKeyParameters _key;

    private MLDsa44VerifyingKey(byte[] bytes) =>
        (_bytes, _key) = (bytes, MLDsaPublicKeyParameters.FromEncoding(MLDsaParameters.ml_dsa_44, bytes));

    /// <summary>The 1312 bytes of the encoded key (FIPS 204, algorithm 22).</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Takes exactly 1312 bytes; all such strings are keys.</summary>
    /// <exception cref="ArgumentException">Another length.</exception>
    public static MLDsa44VerifyingKey FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length == SizeInBytes
        ? new(bytes.ToArray())
        : throw new ArgumentException("an ML-DSA-44 public key has 1312 bytes", nameof(bytes));

    /// <inheritdoc/>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SignatureSize) return false;

        // A signer keeps state between its calls, so each verification has its own.
        var verifier = new MLDsaSigner(MLDsaParameters.ml_dsa_44, deterministic: true);
        verifier.Init(forSigning: false, _key);
        verifier.BlockUpdate(message);
        return verifier.VerifySignature(signature.ToArray());
    }

    public bool Equals(MLDsa44VerifyingKey? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    public override bool Equals(object? obj) => Equals(obj as MLDsa44VerifyingKey);

    public override int GetHashCode() => BitConverter.ToInt32(_bytes);
}

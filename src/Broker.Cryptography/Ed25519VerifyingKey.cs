using System.Diagnostics.CodeAnalysis;
using NSec.Cryptography;

namespace Broker.Cryptography;

/// <summary>
/// An Ed25519 public key (RFC 8032 §5.1). Equal to another when the bytes are the same.
/// </summary>
public sealed class Ed25519VerifyingKey : IVerifyingKey, IEquatable<Ed25519VerifyingKey>
{
    public const int SizeInBytes = 32;
    public const int SignatureSize = 64;

    private readonly byte[] _bytes;
    private readonly PublicKey _key;

    internal Ed25519VerifyingKey(PublicKey key) => (_key, _bytes) = (key, key.Export(KeyBlobFormat.RawPublicKey));

    // Any 32 bytes are taken; that they are a usable point shows at the first verification.
    private Ed25519VerifyingKey(byte[] bytes) => (_key, _bytes) =
        (PublicKey.Import(SignatureAlgorithm.Ed25519, bytes, KeyBlobFormat.RawPublicKey), bytes);

    /// <summary>The 32 bytes of the encoded point.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Takes exactly 32 bytes; that they are a usable point shows only when a signature is verified.</summary>
    /// <exception cref="ArgumentException">Another length.</exception>
    public static Ed25519VerifyingKey FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length == SizeInBytes
        ? new(bytes.ToArray())
        : throw new ArgumentException("an Ed25519 public key has 32 bytes", nameof(bytes));

    /// <summary>
    /// Reads a <c>PUBLIC KEY</c> PEM block that holds an Ed25519 key (RFC 8410 §4); false for anything else.
    /// </summary>
    public static bool TryImportFromPem(ReadOnlySpan<char> pem, [NotNullWhen(true)] out Ed25519VerifyingKey? key)
    {
        key = Rfc8410.TryReadPublicKey(pem, out var bytes) ? new(bytes) : null;
        return key is not null;
    }

    /// <summary>The key as a <c>PUBLIC KEY</c> PEM block.</summary>
    public string ExportSubjectPublicKeyInfoPem() => Rfc8410.WritePublicKey(_bytes);

    /// <inheritdoc/>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        signature.Length == SignatureSize && SignatureAlgorithm.Ed25519.Verify(_key, message, signature);

    public bool Equals(Ed25519VerifyingKey? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    public override bool Equals(object? obj) => Equals(obj as Ed25519VerifyingKey);

    public override int GetHashCode() => BitConverter.ToInt32(_bytes);

    /// <summary>The 32 bytes in lower-case hex.</summary>
    public override string ToString() => Convert.ToHexStringLower(_bytes);
}

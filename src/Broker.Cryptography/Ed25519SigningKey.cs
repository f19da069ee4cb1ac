using System.Security.Cryptography;
using Broker.Cryptography.Native;

namespace Broker.Cryptography;

/// <summary>
/// An Ed25519 private key (RFC 8032 §5.1), over libsodium, made from its 32-byte seed. The bytes stay in one pinned
/// place, so that <see cref="Dispose"/> wipes the only copy. Safe to use from many threads; not during or after
/// <see cref="Dispose"/>.
/// </summary>
public sealed class Ed25519SigningKey : IDisposable
{
    public const int SeedSize = 32;
    public const int SignatureSize = 64;

    // libsodium's form: the seed, and the public key behind it.
    private readonly byte[] _seedAndPublicKey = GC.AllocateArray<byte>(64, pinned: true);
    private bool _disposed;

    private unsafe Ed25519SigningKey(ReadOnlySpan<byte> seed)
    {
        Sodium.EnsureReady();
        var publicKey = stackalloc byte[Ed25519VerifyingKey.SizeInBytes];
        fixed (byte* source = seed, secret = _seedAndPublicKey) _ = Sodium.Ed25519KeyPair(publicKey, secret, source);
        VerifyingKey = Ed25519VerifyingKey.FromBytes(new(publicKey, Ed25519VerifyingKey.SizeInBytes));
    }

    public Ed25519VerifyingKey VerifyingKey { get; }

    /// <summary>A fresh key from the system's random generator.</summary>
    public static Ed25519SigningKey Generate()
    {
        Span<byte> seed = stackalloc byte[SeedSize];
        RandomNumberGenerator.Fill(seed);
        var key = new Ed25519SigningKey(seed);
        CryptographicOperations.ZeroMemory(seed);
        return key;
    }

    /// <summary>The key of a seed of exactly 32 bytes; every such seed is a key.</summary>
    /// <exception cref="ArgumentException">Another length.</exception>
    public static Ed25519SigningKey FromSeed(ReadOnlySpan<byte> seed) => seed.Length == SeedSize
        ? new(seed)
        : throw new ArgumentException("an Ed25519 seed has 32 bytes", nameof(seed));

    /// <summary>Reads the one <c>PRIVATE KEY</c> PEM block (PKCS#8, RFC 8410 §7) of a key file.</summary>
    /// <exception cref="CryptographicException">There is no such block, or it holds another kind of key.</exception>
    public static Ed25519SigningKey ImportFromPem(ReadOnlySpan<char> pem)
    {
        Span<byte> seed = stackalloc byte[SeedSize];
        try
        {
            Rfc8410.ReadPrivateKey(pem, seed);
            return new(seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>The seed as an unencrypted PKCS#8 PEM block, as OpenSSL writes it. It is the secret itself.</summary>
    public string ExportPkcs8PrivateKeyPem()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return Rfc8410.WritePrivateKey(_seedAndPublicKey.AsSpan(0, SeedSize));
    }

    /// <summary>Writes the 32 secret bytes of the seed.</summary>
    public void ExportSeedTo(Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _seedAndPublicKey.AsSpan(0, SeedSize).CopyTo(destination);
    }

    /// <summary>Writes the 64 bytes of the signature; the same message always gives the same ones.</summary>
    public unsafe void Sign(ReadOnlySpan<byte> message, Span<byte> signature)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (signature.Length < SignatureSize) throw new ArgumentException("needs 64 bytes", nameof(signature));
        fixed (byte* text = message, signed = signature, secret = _seedAndPublicKey)
        {
            _ = Sodium.Ed25519Sign(signed, null, text, (ulong)message.Length, secret);
        }
    }

    /// <summary>The signature in an array of its own.</summary>
    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        var signature = new byte[SignatureSize];
        Sign(message, signature);
        return signature;
    }

    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_seedAndPublicKey);
    }
}

using System.Security.Cryptography;
using NSec.Cryptography;

namespace Broker.Cryptography;

/// <summary>
/// An Ed25519 private key (RFC 8032 §5.1), made from its 32-byte seed. The seed stays in guarded memory of libsodium,
/// and <see cref="Dispose"/> wipes it. Safe to use from many threads; not during or after <see cref="Dispose"/>.
/// </summary>
public sealed class Ed25519SigningKey : IDisposable
{
    public const int SeedSize = 32;
    public const int SignatureSize = 64;

    private static KeyCreationParameters Exportable => new()
    {
        ExportPolicy = KeyExportPolicies.AllowPlaintextExport,
    };

    private readonly Key _key;

    private Ed25519SigningKey(ReadOnlySpan<byte> seed)
    {
        _key = Key.Import(SignatureAlgorithm.Ed25519, seed, KeyBlobFormat.RawPrivateKey, Exportable);
        VerifyingKey = new Ed25519VerifyingKey(_key.PublicKey);
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
        Span<byte> seed = stackalloc byte[SeedSize];
        try
        {
            ExportSeedTo(seed);
            return Rfc8410.WritePrivateKey(seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>Writes the 32 secret bytes of the seed.</summary>
    public void ExportSeedTo(Span<byte> destination)
    {
        if (destination.Length < SeedSize) throw new ArgumentException("needs 32 bytes", nameof(destination));
        _ = _key.TryExport(KeyBlobFormat.RawPrivateKey, destination[..SeedSize], out _);
    }

    /// <summary>Writes the 64 bytes of the signature; the same message always gives the same ones.</summary>
    public void Sign(ReadOnlySpan<byte> message, Span<byte> signature)
    {
        if (signature.Length < SignatureSize) throw new ArgumentException("needs 64 bytes", nameof(signature));
        SignatureAlgorithm.Ed25519.Sign(_key, message, signature[..SignatureSize]);
    }

    /// <summary>The signature in an array of its own.</summary>
    public byte[] Sign(ReadOnlySpan<byte> message) => SignatureAlgorithm.Ed25519.Sign(_key, message);

    public void Dispose() => _key.Dispose();
}

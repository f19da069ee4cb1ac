using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Broker.Foundation;

namespace Broker.Cli.Kms;

/// <summary>
/// An encrypted copy of a KMS key folder, as one JSON file:
/// <code>
/// {"format":"broker-kms-backup/1","made_at":"2026-11-21T07:00:00Z","ca_pubkey":"3059…","kdf":"pbkdf2-sha512",
///  "iterations":600000,"salt":"HEX16","nonce":"HEX12","ciphertext":"BASE64"}
/// </code>
/// The ciphertext is AES-256-GCM (tag of 16 bytes at the end) over a JSON object of file names to Base64 contents; the
/// other members are its associated data, so that a changed one does not open. The key comes from a passphrase
/// (<c>pbkdf2-sha512</c>) or is random and lies in recovery shares (<c>shares</c>, then without iterations and salt).
/// </summary>
internal sealed record KeyBackup
{
    public const string CurrentFormat = "broker-kms-backup/1";
    public const string FromPassphrase = "pbkdf2-sha512";
    public const string FromShares = "shares";
    public const int KeySize = 32;

    private const int Iterations = 600_000;
    private const int TagSize = 16;

    public required string Format { get; init; }

    public required string MadeAt { get; init; }

    /// <summary>The root CA's public key: tells backups apart without opening them.</summary>
    public required string CaPubkey { get; init; }

    public required string Kdf { get; init; }

    [System.Text.Json.Serialization.JsonPropertyName("iterations")]
    public int Iteration { get; init; }

    /// <summary>Empty where a backup has none: with shares there is nothing to salt.</summary>
    public string Salt { get; init => field = value ?? ""; } = "";

    public required string Nonce { get; init; }

    public string Ciphertext { get; init => field = value ?? ""; } = "";

    /// <summary>Encrypts the files under a passphrase.</summary>
    public static KeyBackup Seal(
        IReadOnlyDictionary<string, byte[]> files, string caPublicKey, string passphrase, DateTimeOffset now)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        var head = Head(caPublicKey, FromPassphrase, now) with
        {
            Iteration = Iterations,
            Salt = Convert.ToHexStringLower(salt),
        };
        return head.Encrypt(files, head.DeriveKey(passphrase));
    }

    /// <summary>Encrypts the files under a random key, which the caller splits into shares.</summary>
    public static (KeyBackup Backup, byte[] Key) Seal(
        IReadOnlyDictionary<string, byte[]> files, string caPublicKey, DateTimeOffset now)
    {
        var key = RandomNumberGenerator.GetBytes(KeySize);
        return (Head(caPublicKey, FromShares, now).Encrypt(files, key), key);
    }

    /// <summary>The key that a passphrase gives for this backup.</summary>
    public byte[] DeriveKey(string passphrase) => Rfc2898DeriveBytes.Pbkdf2(
        Encoding.UTF8.GetBytes(passphrase), Convert.FromHexString(Salt), Iteration, HashAlgorithmName.SHA512, KeySize);

    /// <summary>The files, or null when the key is not the right one or the backup was changed.</summary>
    public Dictionary<string, byte[]>? Open(byte[] key)
    {
        var sealedBytes = Convert.FromBase64String(Ciphertext);
        if (sealedBytes.Length < TagSize) return null;
        var plain = new byte[sealedBytes.Length - TagSize];
        try
        {
            using var cipher = new AesGcm(key, TagSize);
            cipher.Decrypt(
                Convert.FromHexString(Nonce), sealedBytes.AsSpan(0, plain.Length), sealedBytes.AsSpan(plain.Length),
                plain, AssociatedData());
            using var files = StrictJson.Parse(plain);
            return files.RootElement.Deserialize(BackupJson.Default.DictionaryStringByteArray);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    private static KeyBackup Head(string caPublicKey, string kdf, DateTimeOffset now) => new()
    {
        Format = CurrentFormat,
        MadeAt = now.UtcDateTime.ToString(
            "yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
        CaPubkey = caPublicKey,
        Kdf = kdf,
        Nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12)),
    };

    private KeyBackup Encrypt(IReadOnlyDictionary<string, byte[]> files, byte[] key)
    {
        var plain = JsonSerializer.SerializeToUtf8Bytes(
            files, BackupJson.Default.IReadOnlyDictionaryStringByteArray);
        var sealedBytes = new byte[plain.Length + TagSize];
        using var cipher = new AesGcm(key, TagSize);
        cipher.Encrypt(
            Convert.FromHexString(Nonce), plain, sealedBytes.AsSpan(0, plain.Length), sealedBytes.AsSpan(plain.Length),
            AssociatedData());
        CryptographicOperations.ZeroMemory(plain);
        return this with { Ciphertext = Convert.ToBase64String(sealedBytes) };
    }

    private byte[] AssociatedData() =>
        Encoding.UTF8.GetBytes(string.Join('\n', Format, MadeAt, CaPubkey, Kdf, Iteration, Salt, Nonce));
}

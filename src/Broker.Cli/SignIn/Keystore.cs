using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Cli.Terminal;
using Broker.Cryptography;
using Broker.Foundation;
using Org.BouncyCastle.Crypto.Generators;

namespace Broker.Cli.SignIn;

/// <summary>
/// An Ethereum keystore, version 3 of the Web3 Secret Storage Definition: the key under AES-128-CTR, its password
/// through scrypt or PBKDF2-HMAC-SHA256, and a Keccak-256 MAC that tells a wrong password.
/// </summary>
internal static class Keystore
{
    private const int LongestFile = 64 * 1024;
    private const int DerivedSize = 32;

    /// <summary>scrypt takes 128·n·r bytes; geth's own files take 256 MiB.</summary>
    private const long MostMemory = 512L << 20;

    private const int MostRounds = 10_000_000;

    /// <exception cref="CommandFailedException">It is no such file, or the password is another.</exception>
    public static Secp256k1PrivateKey Open(string path, string password)
    {
        try
        {
            if (new FileInfo(path).Length > LongestFile) throw new CommandFailedException($"{path} is no keystore");
            var crypto = StrictJson.Deserialize(File.ReadAllBytes(path), KeystoreJson.Default.KeystoreFile) is
            { Version: 3, Crypto: { Cipher: "aes-128-ctr" } found }
                ? found
                : throw new CommandFailedException($"{path} is no keystore of version 3 with aes-128-ctr");
            return Decrypt(path, crypto, password);
        }
        catch (Exception wrong) when (wrong is JsonException or FormatException)
        {
            throw new CommandFailedException($"{path} is no keystore (Web3 Secret Storage, version 3)", cause: wrong);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"cannot read {path}: {fault.Message}", cause: fault);
        }
    }

    private static Secp256k1PrivateKey Decrypt(string path, KeystoreCrypto crypto, string password)
    {
        var sealedKey = Convert.FromHexString(crypto.CipherText);
        var counter = Convert.FromHexString(crypto.CipherParams.Iv);
        if (sealedKey.Length != DerivedSize || counter.Length != 16) throw new FormatException("sizes");
        var derived = Derive(crypto, Encoding.UTF8.GetBytes(password));
        var plain = new byte[DerivedSize];
        try
        {
            var mac = Keccak256.HashData([.. derived.AsSpan(16, 16), .. sealedKey]);
            if (!CryptographicOperations.FixedTimeEquals(mac, Convert.FromHexString(crypto.Mac)))
                throw new CommandFailedException($"{path}: the password is not this keystore's");

            ApplyCounterMode(derived.AsSpan(0, 16), counter, sealedKey, plain);
            return Secp256k1PrivateKey.TryFromBytes(plain, out var key)
                ? key
                : throw new CommandFailedException($"{path} holds no key of secp256k1");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(derived);
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    private static byte[] Derive(KeystoreCrypto crypto, byte[] password)
    {
        var wanted = crypto.KdfParams;
        var salt = Convert.FromHexString(wanted.Salt);
        if (wanted.Length != DerivedSize || salt.Length > 1024) throw new FormatException("kdfparams");
        return crypto.Kdf switch
        {
            "scrypt" when wanted is { N: > 1, R: > 0, P: > 0 and <= 16 } && (wanted.N & (wanted.N - 1)) == 0
                && (wanted.R > 1 || wanted.N < 65_536) && 128L * wanted.N * wanted.R <= MostMemory => // RFC 7914 §2
                SCrypt.Generate(password, salt, wanted.N, wanted.R, wanted.P, DerivedSize),
            "pbkdf2" when wanted is { Rounds: > 0 and <= MostRounds, Prf: "hmac-sha256" } =>
                Rfc2898DeriveBytes.Pbkdf2(password, salt, wanted.Rounds, HashAlgorithmName.SHA256, DerivedSize),
            _ => throw new FormatException("kdf"),
        };
    }

    /// <summary>The framework has no counter mode: each block is the counter, encrypted as one ECB block.</summary>
    private static void ApplyCounterMode(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> counter, ReadOnlySpan<byte> input, Span<byte> output)
    {
        using var aes = Aes.Create();
        aes.SetKey(key);
        Span<byte> block = stackalloc byte[16], stream = stackalloc byte[16];
        counter.CopyTo(block);
        for (var at = 0; at < input.Length; at++)
        {
            if (at % 16 == 0)
            {
#pragma warning disable CA5358 // One block at a time, of a counter that never repeats: this is CTR, not ECB.
                aes.EncryptEcb(block, stream, PaddingMode.None);
#pragma warning restore CA5358
                for (var digit = 15; digit >= 0 && ++block[digit] == 0; digit--)
                {
                }
            }

            output[at] = (byte)(input[at] ^ stream[at % 16]);
        }
    }
}

internal sealed record KeystoreFile(
    [property: JsonPropertyName("version")] int Version,
    [property: JsonPropertyName("crypto")] KeystoreCrypto Crypto);

internal sealed record KeystoreCrypto(
    [property: JsonPropertyName("cipher")] string Cipher,
    [property: JsonPropertyName("ciphertext")] string CipherText,
    [property: JsonPropertyName("cipherparams")] KeystoreCipherParams CipherParams,
    [property: JsonPropertyName("kdf")] string Kdf,
    [property: JsonPropertyName("kdfparams")] KeystoreKdfParams KdfParams,
    [property: JsonPropertyName("mac")] string Mac);

internal sealed record KeystoreCipherParams([property: JsonPropertyName("iv")] string Iv);

internal sealed record KeystoreKdfParams(
    [property: JsonPropertyName("dklen")] int Length,
    [property: JsonPropertyName("salt")] string Salt,
    [property: JsonPropertyName("n")] int N = 0,
    [property: JsonPropertyName("r")] int R = 0,
    [property: JsonPropertyName("p")] int P = 0,
    [property: JsonPropertyName("c")] int Rounds = 0,
    [property: JsonPropertyName("prf")] string? Prf = null);

[JsonSerializable(typeof(KeystoreFile))]
[JsonSourceGenerationOptions(
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    PropertyNameCaseInsensitive = true)] // some write Crypto
internal sealed partial class KeystoreJson : JsonSerializerContext;

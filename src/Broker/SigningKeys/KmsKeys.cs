using System.Security.Cryptography;
using Broker.Cryptography;
using Broker.Foundation.Settings;
using Broker.Kms.Configuration;
using Broker.Kms.Derivation;

namespace Broker.SigningKeys;

/// <summary>The keys that the KMS's roots give, each at a path of its own.</summary>
internal static class KmsKeys
{
    public const string SignerPath = "signer/master/v1";

    /// <summary>Where the key of a purpose's version comes from, such as <c>oidc/issuer/v2</c>.</summary>
    public static string PathOf(string purpose, int version) => purpose switch
    {
        KeyPurpose.Oidc => $"oidc/issuer/v{version}",
        KeyPurpose.Session => $"session/v{version}",
        KeyPurpose.Ledger => $"ledger/checkpoint/v{version}",
        _ => throw new ArgumentException($"internal error: no {purpose} key is derived", nameof(purpose)),
    };

    /// <summary>Null while the KMS has no keys.</summary>
    /// <exception cref="BootFailException">Its folder holds something else.</exception>
    public static BrokerKeys? Find(string folder)
    {
        try
        {
            return BrokerKeys.Of(folder);
        }
        catch (Exception unusable)
            when (unusable is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw BootFailException.At(
                KmsSettings.CertDir, folder, $"holds no usable keys: {unusable.Message}", unusable);
        }
    }

    /// <exception cref="BootFailException">The KMS has no keys, or none that can be used.</exception>
    public static BrokerKeys Load(string folder) => Find(folder)
        ?? throw BootFailException.At(KmsSettings.CertDir, folder, "the KMS has no keys yet");

    public static Es256Key Es256Of(BrokerKeys keys, string path)
    {
        var pkcs8 = keys.P256(path);
        try
        {
            return Es256Key.FromPkcs8(pkcs8);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }

    public static Ed25519SigningKey LedgerOf(BrokerKeys keys, int version)
    {
        var seed = keys.Ed25519(PathOf(KeyPurpose.Ledger, version));
        try
        {
            return Ed25519SigningKey.FromSeed(seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }
}

/// <summary>The first OIDC key of the KMS's roots, which does not change while the process runs.</summary>
internal sealed class KmsKeySource(PublishedKey key) : IKeySource
{
    public string State => key.Key.KeyId;

    public SourceKeys Load() => new([key], new HashSet<string>());
}

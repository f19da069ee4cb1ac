using System.Security.Cryptography;
using Broker.Cryptography;
using Broker.Foundation.Settings;
using Broker.Kms.Configuration;
using Broker.Kms.Derivation;

namespace Broker.SigningKeys;

/// <summary>The keys that the KMS's roots give, each at a path of its own.</summary>
internal static class KmsKeys
{
    public const string OidcPath = "oidc/issuer/v1";
    public const string SessionPath = "session/v1";
    public const string LedgerPath = "ledger/checkpoint/v1";
    public const string SignerPath = "signer/master/v1";

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

    public static Ed25519SigningKey LedgerOf(BrokerKeys keys)
    {
        var seed = keys.Ed25519(LedgerPath);
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

/// <summary>The OIDC key of the KMS's roots, which does not change while the process runs.</summary>
internal sealed class KmsKeySource(PublishedKey key) : IKeySource
{
    public string State => key.Key.KeyId;

    public IReadOnlyList<PublishedKey> Load() => [key];
}

using System.Security.Cryptography;
using Broker.Attestation.Apps;
using Broker.Cryptography;

namespace Broker.Kms.Keys;

/// <summary>
/// What the roots give for one app (kms-protocol §4.2). Deterministic: the same measured identity gets the same keys
/// from every replica, for ever. Never change a label or an order.
/// </summary>
internal static class AppKeyDerivation
{
    private static readonly byte[] DiskLabel = "app-disk-crypt-key"u8.ToArray();
    private static readonly byte[] EnvLabel = "env-encrypt-key"u8.ToArray();
    private static readonly byte[] CaLabel = "app-ca"u8.ToArray();
    private static readonly byte[] K256Label = "app-key"u8.ToArray();

    /// <summary>32 bytes for the instance's disk.</summary>
    /// <param name="instance">May be empty: an app started without an instance id shares one disk key.</param>
    public static byte[] DiskCryptKey(RootKeys roots, AppId app, InstanceId instance) =>
        RatlsKdf.DeriveSecret(roots.Ca, app.ToBytes(), instance.Bytes.ToArray(), DiskLabel);

    /// <summary>The X25519 private key that reads the app's environment, 32 bytes, not clamped.</summary>
    public static byte[] EnvCryptKey(RootKeys roots, AppId app) =>
        RatlsKdf.DeriveSecret(roots.Ca, app.ToBytes(), EnvLabel);

    /// <summary>The X25519 public key of <see cref="EnvCryptKey"/>, 32 bytes.</summary>
    public static byte[] EnvPublicKey(RootKeys roots, AppId app)
    {
        var privateKey = EnvCryptKey(roots, app);
        try
        {
            return X25519.PublicKeyOf(privateKey);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(privateKey);
        }
    }

    /// <summary>The key of the app's own CA.</summary>
    public static P256PrivateKey CaKey(RootKeys roots, AppId app) =>
        RatlsKdf.DeriveP256(roots.Ca, app.ToBytes(), CaLabel);

    /// <summary>The app's secp256k1 key: 32 bytes, used as the scalar.</summary>
    public static byte[] K256Key(RootKeys roots, AppId app)
    {
        var root = roots.ExportK256();
        try
        {
            return RatlsKdf.Derive(root, 32, app.ToBytes(), K256Label);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(root);
        }
    }
}

using System.Security.Cryptography;
using Broker.Cryptography;
using Broker.Foundation.Settings;
using Broker.Kms.Derivation;

namespace Broker.SigningKeys;

/// <summary>
/// Where the key of a version comes from: derived at a path that ends in it, or a file. Version 1 is the configured
/// file, <c>NAME.json</c>; version 2 is <c>NAME.v2.json</c> beside it, and so on.
/// </summary>
internal sealed class KeyOrigin(KeyFileOptions files, string issuer, TimeProvider time)
{
    // Asked for once: the roots do not change while the process runs.
    private readonly Lazy<BrokerKeys?> _derived =
        new(() => files.KmsFolder is { } folder ? KmsKeys.Load(folder) : null);

    /// <summary>An OIDC key with its certificate.</summary>
    /// <exception cref="BootFailException">It is missing or not usable.</exception>
    public PublishedKey Published(RingFiles ring, int version) => IsDerived(ring.Purpose)
        ? PublishedKey.Of(KmsKeys.Es256Of(_derived.Value!, KmsKeys.PathOf(ring.Purpose, version)), issuer, time)
        : PublishedKey.Load(FileOf(ring.Signing, version), ring.Purpose, ring.SigningSetting, issuer, time);

    /// <exception cref="BootFailException">It is missing or not usable.</exception>
    public Es256Key Session(int version) => IsDerived(KeyPurpose.Session)
        ? KmsKeys.Es256Of(_derived.Value!, KmsKeys.PathOf(KeyPurpose.Session, version))
        : Es256Key.Load(FileOf(files.Session, version), KeyPurpose.Session, KeySettings.SessionKeyFile);

    /// <exception cref="BootFailException">It is missing or not usable.</exception>
    public Ed25519SigningKey Ledger(int version) => IsDerived(KeyPurpose.Ledger)
        ? KmsKeys.LedgerOf(_derived.Value!, version)
        : LedgerKeyOf(FileOf(files.Ledger, version));

    /// <summary>
    /// Sees to it that the version's key can be loaded: makes its file where keys are files and it is not there. A file
    /// that an earlier attempt left is taken.
    /// </summary>
    /// <exception cref="BootFailException">The file cannot be made.</exception>
    public void Provide(string purpose, int version)
    {
        if (IsDerived(purpose)) return;
        var (first, setting) = purpose switch
        {
            KeyPurpose.Oidc => (files.Oidc.Signing, KeySettings.OidcKeyFile),
            KeyPurpose.OidcRs256 => (files.Rs256!.Signing, KeySettings.Rs256KeyFile),
            KeyPurpose.Session => (files.Session, KeySettings.SessionKeyFile),
            _ => (files.Ledger, KeySettings.LedgerKeyFile),
        };
        var path = FileOf(first, version);
        if (File.Exists(path)) return;
        try
        {
            KeyGeneration.Create(purpose, time).Write(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw BootFailException.At(setting, path, $"the key file could not be created: {fault.Message}", fault);
        }
    }

    /// <exception cref="BootFailException">The key file is missing or not usable.</exception>
    public static Ed25519SigningKey LedgerKeyOf(string path)
    {
        var file = KeyFile.Read(path, KeyPurpose.Ledger, KeySettings.LedgerKeyFile);
        try
        {
            return Ed25519SigningKey.ImportFromPem(file.PrivateKeyPem);
        }
        catch (Exception wrong) when (wrong is ArgumentException or CryptographicException)
        {
            throw BootFailException.At(
                KeySettings.LedgerKeyFile, path, "holds no PKCS#8 Ed25519 private key", wrong);
        }
    }

    /// <summary>An RSA key is never derived.</summary>
    private bool IsDerived(string purpose) => files.KmsFolder is not null && purpose != KeyPurpose.OidcRs256;

    private static string FileOf(string first, int version) =>
        version == 1 ? first : Path.ChangeExtension(first, $"v{version}{Path.GetExtension(first)}");
}

using System.Security.Cryptography;
using Broker.Configuration;
using Broker.Cryptography;

namespace Broker.SigningKeys;

/// <summary>The keys that sign: OIDC tokens, session tokens, the ledger's checkpoints. Loaded at boot, before anything listens.</summary>
internal static class SigningKeysFeature
{
    /// <summary>
    /// Makes key files that do not exist yet, mode 0600. Only with <c>--init</c> or in development mode (decision C9);
    /// otherwise a missing file stops the start.
    /// </summary>
    public static void CreateMissing(KeyFileOptions files, TimeProvider time)
    {
        foreach (var (path, purpose, setting) in Files(files))
        {
            if (File.Exists(path)) continue;
            try
            {
                KeyGeneration.Create(purpose, time).Write(path);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                throw BootFailException.At(setting, path, $"the key file could not be created: {fault.Message}", fault);
            }
        }
    }

    /// <summary>The session key, apart from the OIDC ring: the JWKS never shows it.</summary>
    public static SigningKey LoadSessionKey(KeyFileOptions files) =>
        SigningKey.Load(files.Session, KeyPurpose.Session, Settings.SessionKeyFile);

    public static Ed25519SigningKey LoadLedgerKey(KeyFileOptions files)
    {
        var file = KeyFile.Read(files.Ledger, KeyPurpose.Ledger, Settings.LedgerKeyFile);
        try
        {
            return Ed25519SigningKey.ImportFromPem(file.PrivateKeyPem);
        }
        catch (Exception wrong) when (wrong is ArgumentException or CryptographicException)
        {
            throw BootFailException.At(Settings.LedgerKeyFile, files.Ledger, "holds no PKCS#8 Ed25519 private key", wrong);
        }
    }

    private static (string Path, string Purpose, Setting Setting)[] Files(KeyFileOptions files) =>
    [
        (files.Oidc, KeyPurpose.Oidc, Settings.OidcKeyFile),
        (files.Session, KeyPurpose.Session, Settings.SessionKeyFile),
        (files.Ledger, KeyPurpose.Ledger, Settings.LedgerKeyFile),
    ];
}

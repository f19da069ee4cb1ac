using System.Security.Cryptography;
using Broker.Cryptography;
using Broker.Foundation.Settings;
using Broker.Modules;

namespace Broker.SigningKeys;

/// <summary>
/// The keys that sign: OIDC tokens, session tokens, the ledger's checkpoints. Loaded at boot, before anything listens.
/// </summary>
internal static class KeyLoading
{
    /// <summary>
    /// Loads every key, having made those that are missing where that was asked for; exports the session key's public
    /// half.
    /// </summary>
    /// <exception cref="BootFailException">A key file is missing or not usable.</exception>
    public static LoadedKeys Load(ModuleStart start, KeyFileOptions files, string issuer)
    {
        if (start.Choices.CreateMissingKeys || start.IsDevelopment) CreateMissing(Files(files), start.Time);

        var faults = new BootFaults();
        var derived = files.KmsFolder is { } folder ? KmsKeys.Load(folder) : null;
        var source = new FileKeySource(files.Oidc, files.Session, issuer, start.Time);
        var oidc = faults.Try(() => KeyRing.Load(
            derived is null
                ? source
                : new KmsKeySource(PublishedKey.Of(KmsKeys.Es256Of(derived, KmsKeys.OidcPath), issuer, start.Time)),
            start.Time));
        var rs256 = files.Rs256 is { } rsa
            ? faults.Try(() => KeyRing.Load(new FileKeySource(rsa, files.Session, issuer, start.Time), start.Time))
            : null;
        var session = faults.Try(() => derived is null
            ? LoadSessionKey(files)
            : KmsKeys.Es256Of(derived, KmsKeys.SessionPath));
        var ledger = faults.Try(() => derived is null ? LoadLedgerKey(files) : KmsKeys.LedgerOf(derived));
        faults.ThrowIfAny();
        var keys = new LoadedKeys(new OidcKeys(oidc!, rs256), session!, ledger!);
        if (oidc!.Published.Any(one => one.Key.Thumbprint == keys.Session.Thumbprint))
            throw FileKeySource.SharedKey(files.Session);
        source.SessionKey = keys.Session.Thumbprint;
        if (rs256?.Published.FirstOrDefault(one => oidc.Published.Any(other => other.Key.KeyId == one.Key.KeyId)) is { } twin)
        {
            throw BootFailException.At(KeySettings.Rs256KeyFile, files.Rs256!.Signing,
                $"the kid {twin.Key.KeyId} is that of an ES256 key too");
        }


        if (start.Choices.ExportSessionKeyTo is { } path) Export(path, keys.Session.ExportPublicKeyPem());
        return keys;
    }

    /// <summary>
    /// Reads the key files that are there, and misses those that nobody will make. Changes nothing, so that it can be
    /// asked beside other faults.
    /// </summary>
    /// <param name="purposes">Of the keys that the process needs.</param>
    public static void FindFaults(ModuleStart start, params string[] purposes)
    {
        var isMade = start.Choices.CreateMissingKeys || start.IsDevelopment;
        if (start.Find<KeyFileOptions>() is not { } files) return;
        foreach (var (path, purpose, setting) in Files(files))
        {
            if (!purposes.Contains(purpose) || (isMade && !File.Exists(path))) continue;
            start.Faults.Try(() =>
            {
                using IDisposable key = purpose == KeyPurpose.Ledger
                    ? LoadLedgerKey(files)
                    : SigningKey.Load(path, purpose, setting);
            });
        }
    }

    /// <exception cref="BootFailException">The file cannot be written.</exception>
    private static void Export(string path, string pem)
    {
        try
        {
            File.WriteAllText(path, pem + "\n");
        }
        catch (Exception fault)
            when (fault is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            var reason = $"the session key's public half cannot be written there: {fault.Message}";
            throw new BootFailException(
                [new BootFault("--export-session-pubkey-to", path, reason, KeySettings.SessionKeyFile.Anchor)], fault);
        }
    }

    /// <summary>
    /// Makes key files that do not exist yet, mode 0600. Only with <c>--init</c> or in development mode (decision C9);
    /// otherwise a missing file stops the start.
    /// </summary>
    private static void CreateMissing(
        IEnumerable<(string Path, string Purpose, Setting Setting)> files, TimeProvider time)
    {
        foreach (var (path, purpose, setting) in files)
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
    private static Es256Key LoadSessionKey(KeyFileOptions files) =>
        Es256Key.Load(files.Session, KeyPurpose.Session, KeySettings.SessionKeyFile);

    /// <summary>The ledger's key alone, for a node that issues nothing.</summary>
    /// <exception cref="BootFailException">The key file is missing or not usable.</exception>
    public static Ed25519SigningKey LoadLedgerKey(ModuleStart start, KeyFileOptions files)
    {
        if (files.KmsFolder is null && (start.Choices.CreateMissingKeys || start.IsDevelopment))
            CreateMissing([(files.Ledger, KeyPurpose.Ledger, KeySettings.LedgerKeyFile)], start.Time);
        return LoadLedgerKey(files);
    }

    private static Ed25519SigningKey LoadLedgerKey(KeyFileOptions files)
    {
        if (files.KmsFolder is { } folder) return KmsKeys.LedgerOf(KmsKeys.Load(folder));
        var file = KeyFile.Read(files.Ledger, KeyPurpose.Ledger, KeySettings.LedgerKeyFile);
        try
        {
            return Ed25519SigningKey.ImportFromPem(file.PrivateKeyPem);
        }
        catch (Exception wrong) when (wrong is ArgumentException or CryptographicException)
        {
            throw BootFailException.At(KeySettings.LedgerKeyFile, files.Ledger,
                "holds no PKCS#8 Ed25519 private key", wrong);
        }
    }

    /// <summary>An RSA key is never derived.</summary>
    private static IEnumerable<(string Path, string Purpose, Setting Setting)> Files(KeyFileOptions files)
    {
        if (files.Rs256 is { } rsa) yield return (rsa.Signing, KeyPurpose.OidcRs256, KeySettings.Rs256KeyFile);
        if (files.KmsFolder is not null) yield break;
        yield return (files.Oidc.Signing, KeyPurpose.Oidc, KeySettings.OidcKeyFile);
        yield return (files.Session, KeyPurpose.Session, KeySettings.SessionKeyFile);
        yield return (files.Ledger, KeyPurpose.Ledger, KeySettings.LedgerKeyFile);
    }
}

/// <summary>The keys of this process.</summary>
internal sealed record LoadedKeys(OidcKeys Oidc, Es256Key Session, Ed25519SigningKey Ledger);

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
    /// Loads every key, having made those that are missing where that was asked for; exports the session keys' public
    /// halves.
    /// </summary>
    /// <exception cref="BootFailException">A key file is missing or not usable.</exception>
    public static LoadedKeys Load(ModuleStart start, KeyFileOptions files, IKeyVersions versions, string issuer)
    {
        if (start.Choices.CreateMissingKeys || start.IsDevelopment) CreateMissing(Files(files), start.Time);

        var faults = new BootFaults();
        var origin = new KeyOrigin(files, issuer, start.Time);
        var source = new FileKeySource(files.Oidc, files.Session, issuer, start.Time);
        var oidcLine = LineOf(files.Oidc);
        var oidc = faults.Try(() => KeyRing.Load(
            KeyPurpose.Oidc,
            new VersionedKeySource(
                files.KmsFolder is null ? source : new KmsKeySource(origin.Published(files.Oidc, version: 1)), oidcLine),
            start.Time));
        var rs256Line = files.Rs256 is { } rsa ? LineOf(rsa) : null;
        var rs256 = rs256Line is null
            ? null
            : faults.Try(() => KeyRing.Load(
                KeyPurpose.OidcRs256,
                new VersionedKeySource(
                    new FileKeySource(files.Rs256!, files.Session, issuer, start.Time), rs256Line),
                start.Time));
        var sessionLine = new KeyLine<Es256Key>(
            KeyPurpose.Session, versions, origin.Session, key => key.Thumbprint, start.Time);
        var session = faults.Try(() => new SessionKeys(sessionLine));
        var ledgerLine = new KeyLine<Ed25519SigningKey>(
            KeyPurpose.Ledger, versions, origin.Ledger, key => $"{key.VerifyingKey}", start.Time);
        var ledger = faults.Try(() => new LedgerKeys(ledgerLine));
        faults.ThrowIfAny();
        IKeyLine?[] lines = [oidcLine, rs256Line, sessionLine, ledgerLine];
        var keys = new LoadedKeys(
            new OidcKeys(oidc!, rs256), session!, ledger!, new KeyLines(origin, [.. lines.OfType<IKeyLine>()]));
        foreach (var key in session!.Accepted)
        {
            if (oidc!.Published.Any(one => one.Key.Thumbprint == key.Thumbprint))
                throw FileKeySource.SharedKey(files.Session);
        }

        source.SessionKey = origin.Session(version: 1).Thumbprint;
        if (rs256?.Published.FirstOrDefault(one => oidc!.Published.Any(other => other.Key.KeyId == one.Key.KeyId)) is { } twin)
        {
            throw BootFailException.At(KeySettings.Rs256KeyFile, files.Rs256!.Signing,
                $"the kid {twin.Key.KeyId} is that of an ES256 key too");
        }

        if (start.Choices.ExportSessionKeyTo is { } path) Export(path, keys.Session.ExportPublicKeysPem());
        return keys;

        KeyLine<PublishedKey> LineOf(RingFiles ring) => new(
            ring.Purpose, versions, version => origin.Published(ring, version), one => one.Key.Thumbprint, start.Time);
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
                    ? KeyOrigin.LedgerKeyOf(path)
                    : SigningKey.Load(path, purpose, setting);
            });
        }
    }

    /// <exception cref="BootFailException">The file cannot be written.</exception>
    private static void Export(string path, string pem)
    {
        try
        {
            File.WriteAllText(path, pem);
        }
        catch (Exception fault)
            when (fault is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            var reason = $"the session keys' public halves cannot be written there: {fault.Message}";
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

    /// <summary>The ledger's key alone, for a node that issues nothing.</summary>
    /// <exception cref="BootFailException">The key file is missing or not usable.</exception>
    public static Ed25519SigningKey LoadLedgerKey(ModuleStart start, KeyFileOptions files)
    {
        if (files.KmsFolder is null && (start.Choices.CreateMissingKeys || start.IsDevelopment))
            CreateMissing([(files.Ledger, KeyPurpose.Ledger, KeySettings.LedgerKeyFile)], start.Time);
        return KeyOrigin.LedgerKeyOf(files.Ledger);
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
internal sealed record LoadedKeys(OidcKeys Oidc, SessionKeys Session, LedgerKeys Ledger, KeyLines Lines)
{
    public IEnumerable<IChangingKeys> All => [Oidc, Session, Ledger];
}

/// <summary>The lines of keys of this process, one for each purpose that it has.</summary>
/// <param name="Origin">Where the next version comes from.</param>
internal sealed record KeyLines(KeyOrigin Origin, IReadOnlyList<IKeyLine> All)
{
    /// <summary>Null where this process has no such keys.</summary>
    public IKeyLine? Find(string purpose) => All.FirstOrDefault(line => line.Purpose == purpose);
}

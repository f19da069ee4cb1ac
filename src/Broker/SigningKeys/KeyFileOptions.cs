using Broker.Foundation.Settings;
using Broker.Storage;

namespace Broker.SigningKeys;

/// <summary>The key files, each mode 0600.</summary>
/// <param name="Rs256">Null where no relying party needs RS256.</param>
internal sealed record KeyFileOptions(RingFiles Oidc, RingFiles? Rs256, string Session, string Ledger)
{
    public static KeyFileOptions Read(BootEnvironment boot)
    {
        var folder = boot.Read(StorageSettings.DataDirectory);
        var oidc = boot.ReadOptional(KeySettings.OidcKeyFile) ?? Path.Combine(folder, "oidc-keypair.json");
        var session = boot.ReadOptional(KeySettings.SessionKeyFile) ?? Path.Combine(folder, "session-keypair.json");
        if (oidc == session)
        {
            throw BootFailException.At(KeySettings.SessionKeyFile, session,
                "must not be the file of BROKER_OIDC_KEYPAIR_PATH");
        }

        return new KeyFileOptions(
            new RingFiles(KeyPurpose.Oidc, oidc, boot.Read(KeySettings.OidcPublishedKeyFiles)),
            ReadRs256(boot),
            session,
            boot.ReadOptional(KeySettings.LedgerKeyFile) ?? Path.Combine(folder, "ledger-key.json"));
    }

    private static RingFiles? ReadRs256(BootEnvironment boot)
    {
        var published = boot.Read(KeySettings.Rs256PublishedKeyFiles);
        if (boot.ReadOptional(KeySettings.Rs256KeyFile) is { } signing)
            return new RingFiles(KeyPurpose.OidcRs256, signing, published);
        return published.Length == 0
            ? null
            : throw BootFailException.At(
                KeySettings.Rs256PublishedKeyFiles, boot.Text(KeySettings.Rs256PublishedKeyFiles),
                $"needs {KeySettings.Rs256KeyFile.Name}, the key that signs");
    }
}

/// <summary>The files of one ring of OIDC keys.</summary>
/// <param name="Purpose">Of each of them.</param>
/// <param name="Signing">The one that signs.</param>
/// <param name="Published">Further ones, or folders of them.</param>
internal sealed record RingFiles(string Purpose, string Signing, string[] Published)
{
    public Setting SigningSetting =>
        Purpose == KeyPurpose.OidcRs256 ? KeySettings.Rs256KeyFile : KeySettings.OidcKeyFile;

    public Setting PublishedSetting => Purpose == KeyPurpose.OidcRs256
        ? KeySettings.Rs256PublishedKeyFiles
        : KeySettings.OidcPublishedKeyFiles;
}

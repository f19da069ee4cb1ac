using Broker.Configuration;
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
            boot.ReadOptional(KeySettings.Rs256KeyFile) is { } rs256
                ? new RingFiles(KeyPurpose.OidcRs256, rs256, boot.Read(KeySettings.Rs256PublishedKeyFiles))
                : null,
            session,
            boot.ReadOptional(KeySettings.LedgerKeyFile) ?? Path.Combine(folder, "ledger-key.json"));
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

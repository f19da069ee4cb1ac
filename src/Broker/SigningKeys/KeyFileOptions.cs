using Broker.Configuration;
using Broker.Storage;

namespace Broker.SigningKeys;

/// <summary>The key files, each mode 0600.</summary>
internal sealed record KeyFileOptions(string Oidc, string[] OidcPublished, string Session, string Ledger)
{
    public static KeyFileOptions Read(BootEnvironment boot)
    {
        var folder = boot.Read(StorageSettings.DataDirectory);
        var oidc = boot.ReadOptional(KeySettings.OidcKeyFile) ?? Path.Combine(folder, "oidc-keypair.json");
        var session = boot.ReadOptional(KeySettings.SessionKeyFile) ?? Path.Combine(folder, "session-keypair.json");
        return oidc != session
            ? new KeyFileOptions(oidc, boot.Read(KeySettings.OidcPublishedKeyFiles), session,
                boot.ReadOptional(KeySettings.LedgerKeyFile) ?? Path.Combine(folder, "ledger-key.json"))
            : throw BootFailException.At(KeySettings.SessionKeyFile, session,
                "must not be the file of BROKER_OIDC_KEYPAIR_PATH");
    }
}

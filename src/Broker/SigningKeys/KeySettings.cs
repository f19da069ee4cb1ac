using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.SigningKeys;

/// <summary>The key files.</summary>
internal static class KeySettings
{
    public static readonly Setting<KeySource> Source = new("BROKER_SIGNING_KEYS", "OIDC",
        "Where the keys come from that sign OIDC tokens (ES256), session tokens and the ledger's checkpoints: key files, or "
        + "derived from the roots of the embedded KMS, which needs BROKER_MODULES=broker,kms. Nothing is answered but "
        + "503 until the KMS has its keys.", Choice(("file", KeySource.Files), ("kms", KeySource.Kms)))
    { Default = "file", Form = "file or kms", Anchor = "signing-keys" };

    public static readonly Setting<string> OidcKeyFile = new("BROKER_OIDC_KEYPAIR_PATH", "OIDC",
        "Key file that signs OIDC tokens. Unset: oidc-keypair.json in BROKER_DATA_DIR.", FilePath)
    { Form = PathForm, Anchor = "oidc-keypair" };

    public static readonly Setting<string[]> OidcPublishedKeyFiles = new("BROKER_OIDC_PUBLISHED_KEYPAIR_PATHS", "OIDC",
        "Further key files, or folders of them (*.json), whose public keys stand in the JWKS without signing: the next "
        + "key before it signs, the last one until its tokens have expired. All key files of OIDC are read again when "
        + "they change, and at SIGHUP.", value => [.. List(value).Select(FilePath)])
    { Default = "", Form = "comma-separated paths", Anchor = "oidc-keypair" };

    public static readonly Setting<string> Rs256KeyFile = new("BROKER_OIDC_RS256_KEYPAIR_PATH", "OIDC",
        "Key file (RSA, 2048 to 4096 bits) that signs tokens for the audiences that BROKER_OIDC_AUDIENCES marks with "
        + "RS256. Unset: there is none.", FilePath)
    { Form = PathForm, Anchor = "oidc-audiences" };

    public static readonly Setting<string[]> Rs256PublishedKeyFiles = new(
        "BROKER_OIDC_RS256_PUBLISHED_KEYPAIR_PATHS", "OIDC",
        "Further RSA key files, or folders of them, as BROKER_OIDC_PUBLISHED_KEYPAIR_PATHS.",
        value => [.. List(value).Select(FilePath)])
    { Default = "", Form = "comma-separated paths", Anchor = "oidc-audiences" };

    public static readonly Setting<string> SessionKeyFile = new("BROKER_SESSION_KEYPAIR_PATH", "Sessions",
        "Key file that signs session tokens; never the OIDC one. Unset: session-keypair.json in BROKER_DATA_DIR.",
        FilePath)
    { Form = PathForm, Anchor = "session-keypair" };

    public static readonly Setting<string> SessionPublicKeyFile = new("BROKER_SESSION_PUBKEY_PATH", "Sessions",
        "Public session key (SPKI PEM) of the broker whose capabilities are taken, as its --export-session-pubkey-to "
        + "writes it. Needed in a process without the broker, and unused in one with it.", FilePath)
    { Form = PathForm, Anchor = "services-alone" };

    public static readonly Setting<string> LedgerKeyFile = new("BROKER_LEDGER_KEY_PATH", "Ledger",
        "Key file that signs the ledger's checkpoints (Ed25519). Unset: ledger-key.json in BROKER_DATA_DIR.", FilePath)
    { Form = PathForm, Anchor = "ledger-key" };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Source, OidcKeyFile, OidcPublishedKeyFiles, Rs256KeyFile, Rs256PublishedKeyFiles, SessionKeyFile,
        SessionPublicKeyFile, LedgerKeyFile,
    ];
}

using Broker.Foundation.Settings;

namespace Broker.Signer;

/// <summary>The signer: where it listens, and from what the wallets' keys are derived.</summary>
internal static class SignerSettings
{
    private const string Group = "Signer (BROKER_MODULES=broker,signer or signer)";
    private const string Anchor = "signer";

    public static readonly Setting<int> Port = new("BROKER_SIGNER_PORT", Group,
        "Port of the signer's own listener, on BROKER_BIND; 0 lets the system choose.", SettingForms.Port)
    { Default = "8092", Form = "0 to 65535", Anchor = Anchor };

    public static readonly Setting<MasterSecret> Master = new("DEV_KEY_SERVICE_MASTER_SECRET", Group,
        "Secret from which every wallet's key is derived. Written once and never changed: another secret is another "
        + "wallet for everybody. Unset: /dev/* answers 503 signer_disabled.", MasterSecret.Parse)
    { Form = "64 hex digits", Anchor = Anchor, Secret = true };

    public static readonly Setting<bool> MasterOfKms = new("BROKER_SIGNER_MASTER", Group,
        "Where that secret comes from: the variable, or the roots of the embedded KMS, which needs "
        + "BROKER_SIGNING_KEYS=kms.", SettingForms.Choice(("environment", false), ("kms", true)))
    { Default = "environment", Form = "environment or kms", Anchor = Anchor };

    public static readonly Setting<Uri> Introspection = new("BROKER_INTROSPECTION_URL", Group,
        "Where a signer without the broker asks whether a session still holds (RFC 7662), with the session's token as "
        + "bearer. Unset: BROKER_OIDC_ISSUER and /oauth/introspect.", SettingForms.HttpUrl)
    { Form = "http(s)://host[:port][/path]", Anchor = Anchor, IsAddress = true };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } = [Port, Master, MasterOfKms, Introspection];
}

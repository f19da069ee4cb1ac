using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.SignIn.Wallet;

/// <summary>Sign-in by wallet.</summary>
internal static class WalletSettings
{
    public static readonly Setting<string> WalletProvisioner = new("BROKER_WALLET_PROVISIONER", "Sign-in",
        "Who makes wallets: the client does, the broker only records which address belongs to which actor.",
        OneOf("client_keystore"))
    { Default = "client_keystore", Form = "client_keystore", Anchor = "auth-methods" };

    public static readonly Setting<TimeSpan> ChallengeLifetime = new("BROKER_WALLET_CHALLENGE_TTL_SECONDS", "Sign-in",
        "How long a wallet challenge may be answered.", Seconds("BROKER_WALLET_CHALLENGE_TTL_SECONDS", 60, 3600))
    { Default = "2700", Form = "60 to 3600 seconds", Anchor = "wallet-sign-in" };

    public static readonly Setting<int> ChallengesPerHour = new("BROKER_RATE_LIMIT_CHALLENGES_PER_HOUR_PER_IP",
        "Limits",
        "Wallet challenges per client address (IPv6: per /64) and hour; 0 means no limit. Unset: 60, in development mode "
        + "0.",
        Whole("BROKER_RATE_LIMIT_CHALLENGES_PER_HOUR_PER_IP", 0, 1_000_000_000))
    { Form = "0 to 1000000000", Anchor = "limits" };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        WalletProvisioner, ChallengeLifetime, ChallengesPerHour,
    ];
}

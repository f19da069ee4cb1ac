using Broker.Foundation.Settings;

namespace Broker.SignIn.Wallet;

/// <summary>How long a challenge may be answered, and how many one address may ask for in an hour; 0 means no limit.
/// </summary>
internal sealed record WalletSignInOptions(TimeSpan ChallengeLifetime, int ChallengesPerHour)
{
    public static WalletSignInOptions Read(BootEnvironment boot, bool isDevelopment)
    {
        _ = boot.Read(WalletSettings.WalletProvisioner);
        return new WalletSignInOptions(
            boot.Read(WalletSettings.ChallengeLifetime),
            boot.IsSet(WalletSettings.ChallengesPerHour) ? boot.Read(WalletSettings.ChallengesPerHour)
                : isDevelopment ? 0 : 60);
    }
}

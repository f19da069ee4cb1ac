using Broker.Foundation.Settings;

namespace Broker.SignIn.Wallet;

/// <summary>How long a challenge may be answered, and how many one address may ask for in an hour; 0 means no limit.
/// </summary>
internal sealed record WalletSignInOptions(TimeSpan ChallengeLifetime, int ChallengesPerHour)
{
    public static WalletSignInOptions Read(BootEnvironment boot, bool isDevelopment)
    {
        var methods = boot.Read(WalletSettings.AuthMethods);
        if (methods.Length == 0) throw Wrong(boot, "names no way to sign in");
        foreach (var method in methods)
        {
            if (method != "wallet_sig") throw Wrong(boot, $"\"{method}\" is not a method of this broker");
        }

        _ = boot.Read(WalletSettings.WalletProvisioner);
        return new WalletSignInOptions(
            boot.Read(WalletSettings.ChallengeLifetime),
            boot.IsSet(WalletSettings.ChallengesPerHour) ? boot.Read(WalletSettings.ChallengesPerHour)
                : isDevelopment ? 0 : 60);
    }

    private static BootFailException Wrong(BootEnvironment boot, string reason) =>
        BootFailException.At(WalletSettings.AuthMethods, boot.Text(WalletSettings.AuthMethods), reason);
}

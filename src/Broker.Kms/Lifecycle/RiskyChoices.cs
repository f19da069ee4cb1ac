using Broker.Kms.Configuration;

namespace Broker.Kms.Lifecycle;

/// <summary>Settings that take a safeguard away. Each is told loudly at every start.</summary>
internal static class RiskyChoices
{
    public static IEnumerable<string> Of(KmsOptions options)
    {
        foreach (var (setting, path) in AttestationSettings.ForeignRoots(options))
        {
            var maker = setting == AttestationSettings.TdxRootCa ? "Intel's" : "AMD's";
            yield return $"{setting.Name}={path}: machines are trusted by a root that is not {maker}; whoever holds "
                + "its key can have every app's keys";
        }

        if (options.AuthApiType == AuthApiType.Dev)
        {
            yield return $"{AuthorizationSettings.ApiType.Name}=dev: every attested machine gets keys, whatever it "
                + "runs";
        }

        if (!options.EnforceSelfAuthorization)
        {
            yield return $"{NodeSettings.EnforceSelfAuthorization.Name}=false: this KMS acts without being "
                + "allowed to by its policy";
        }

        if (!options.ImageVerify)
            yield return $"{ImageSettings.Verify.Name}=false: the OS image of a machine is whatever the machine claims";
        if (options.ImageAcceptUnverifiedRtmr0)
        {
            yield return $"{ImageSettings.AcceptUnverifiedRtmr0.Name}=true: firmware and ACPI tables of older machines "
                + "are not checked";
        }

        if (!options.AttestRpcCert)
        {
            yield return $"{NodeSettings.AttestRpcCert.Name}=false: nobody can tell by its certificate which machine "
                + "this is";
        }

        if (options is { AdminEnabled: true, AdminInsecureNoAuth: true })
            yield return $"{AdminSettings.InsecureNoAuth.Name}=true: the admin listener asks nobody for a token";
    }

    /// <summary>What holds while the KMS has no keys yet.</summary>
    public static IEnumerable<string> OfOnboarding(KmsOptions options)
    {
        if (!options.OnboardTls)
        {
            yield return $"{OnboardingSettings.Tls.Name}=false: onboarding speaks plain HTTP, which anybody on the "
                + "path can change";
        }
    }
}

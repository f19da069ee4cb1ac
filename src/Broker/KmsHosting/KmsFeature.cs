using Broker.Configuration;
using Broker.Kms.Lifecycle;
using Broker.Kms.Configuration;

namespace Broker.KmsHosting;

/// <summary>The embedded KMS in this process: its own port, its own TLS, the same ledger.</summary>
internal static class KmsFeature
{
    private const string Anchor = "kms";

    /// <exception cref="BootFailException">A <c>BROKER_KMS_*</c> variable is not usable.</exception>
    public static void AddKms(this IServiceCollection services, BootEnvironment boot)
    {
        var (options, fault) = KmsSettings.Read(boot.Variable);
        if (fault is not null) throw new BootFailException(fault.Variable, fault.Value, fault.Reason, Anchor);
        if (options.CollateralCacheDir.Length == 0)
        {
            var folder = Path.Combine(boot.Read(Settings.DataDirectory), "collateral");
            options = options with { CollateralCacheDir = folder };
        }

        services.AddKms(options);
    }
}

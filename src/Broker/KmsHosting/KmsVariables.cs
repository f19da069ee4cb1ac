using Broker.Foundation.Settings;
using Broker.Kms.Configuration;
using Broker.Kms.Lifecycle;
using Broker.Storage;

namespace Broker.KmsHosting;

/// <summary>The settings of the embedded KMS: it has its own port, its own TLS, and the same ledger.</summary>
internal static class KmsVariables
{
    /// <exception cref="BootFailException">
    /// <c>BROKER_KMS_*</c> variables, or the files that they name, are not usable; it names all of them.
    /// </exception>
    public static KmsOptions Read(BootEnvironment boot)
    {
        var options = KmsSettings.Read(boot);
        KmsFiles.Check(options, boot);
        return Placed(options, boot);
    }

    /// <summary>What of them is about the machine, for a process with or without a KMS.</summary>
    /// <exception cref="BootFailException">They, or the files that they name, are not usable.</exception>
    public static KmsOptions ReadMachine(BootEnvironment boot)
    {
        var options = KmsSettings.ReadMachine(boot);
        KmsFiles.CheckRoots(options);
        return Placed(options, boot);
    }

    private static KmsOptions Placed(KmsOptions options, BootEnvironment boot) => options.CollateralCacheDir.Length > 0
        ? options
        : options with
        {
            CollateralCacheDir = Path.Combine(boot.Read(StorageSettings.DataDirectory), "collateral"),
        };
}

using Broker.Configuration;
using Broker.Kms.Configuration;
using Broker.Kms.Lifecycle;
using Broker.Storage;

namespace Broker.KmsHosting;

/// <summary>The settings of the embedded KMS: it has its own port, its own TLS, and the same ledger.</summary>
internal static class KmsVariables
{
    private const string Anchor = "kms";

    /// <exception cref="BootFailException">
    /// <c>BROKER_KMS_*</c> variables, or the files that they name, are not usable; it names all of them.
    /// </exception>
    public static KmsOptions Read(BootEnvironment boot)
    {
        var (options, faults) = KmsSettings.Read(boot.Variable);
        if (faults.Count == 0) faults = KmsFiles.FindFaults(options, boot.Variable);
        if (faults.Count > 0)
        {
            throw new BootFailException([.. faults.Select(fault => new BootFault(
                fault.Variable, BootFault.Shown(fault.Value, fault.IsAddress), fault.Reason, Anchor))]);
        }

        return options.CollateralCacheDir.Length > 0
            ? options
            : options with { CollateralCacheDir = Path.Combine(boot.Read(StorageSettings.DataDirectory), "collateral") };
    }
}

using Broker.Configuration;
using Broker.Foundation.Settings;

namespace Broker.Signer;

/// <param name="IsEnabled">This process has the module.</param>
/// <param name="Given">The secret of the environment; null where none is configured.</param>
/// <param name="IsOfKms">The roots of the KMS give the secret instead.</param>
internal sealed record SignerOptions(bool IsEnabled, int Port, MasterSecret? Given, bool IsOfKms)
{
    public static SignerOptions Read(BootEnvironment boot) => new(
        ProcessParts.Read(boot).Signer, boot.Read(SignerSettings.Port), boot.ReadOptional(SignerSettings.Master),
        boot.Read(SignerSettings.MasterOfKms));
}

/// <param name="Secret">Null where there is none; then nothing is signed.</param>
internal sealed record SignerMaster(MasterSecret? Secret);

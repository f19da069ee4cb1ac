using Broker.Configuration;
using Broker.Foundation.Settings;

namespace Broker.Signer;

/// <param name="IsEnabled">This process has the module.</param>
/// <param name="Master">Null where none is configured; then nothing is signed.</param>
internal sealed record SignerOptions(bool IsEnabled, int Port, MasterSecret? Master)
{
    public static SignerOptions Read(BootEnvironment boot) => new(
        ProcessParts.Read(boot).Signer, boot.Read(SignerSettings.Port), boot.ReadOptional(SignerSettings.Master));
}

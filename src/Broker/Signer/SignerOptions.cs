using Broker.Configuration;
using Broker.Foundation.Settings;

namespace Broker.Signer;

/// <param name="IsEnabled">This process has the module.</param>
/// <param name="Given">The secret of the environment; null where none is configured.</param>
/// <param name="IsOfKms">The roots of the KMS give the secret instead.</param>
/// <param name="Introspection">Where sessions are asked about without the broker; null for the issuer's own.</param>
internal sealed record SignerOptions(bool IsEnabled, int Port, MasterSecret? Given, bool IsOfKms, Uri? Introspection)
{
    public static SignerOptions Read(BootEnvironment boot) => new(
        ProcessParts.Read(boot).Signer, boot.Read(SignerSettings.Port), boot.ReadOptional(SignerSettings.Master),
        boot.Read(SignerSettings.MasterOfKms), boot.ReadOptional(SignerSettings.Introspection));
}

/// <param name="Secret">Null where there is none; then nothing is signed.</param>
internal sealed record SignerMaster(MasterSecret? Secret);

using Broker.Kms.Certificates;
using Broker.Kms.Keys;

namespace Broker.Kms.Onboarding;

/// <summary>A key set that is about to be stored, with what belongs to it.</summary>
/// <param name="Identity">Keys and certificates.</param>
/// <param name="Domain">The name under which this instance will be reached.</param>
/// <param name="Published">For a bootstrap: what <c>bootstrap-info.json</c> will say.</param>
internal sealed record NewIdentity(KmsIdentity Identity, string Domain, BootstrapInfo? Published)
{
    /// <summary>Every file, complete.</summary>
    public Dictionary<string, byte[]> ToFiles()
    {
        var files = Identity.ToFiles(Domain);
        if (Published is not null) files[KeyDirectory.BootstrapInfo] = Published.ToJson();
        return files;
    }
}

using Broker.Foundation.Settings;

namespace Broker.Configuration;

/// <summary>Which parts of the house this process runs: the broker, the KMS, or both.</summary>
internal sealed record ProcessParts(bool Broker, bool Kms)
{
    /// <summary>True only where the modules can be read; what is wrong with them is told with all else.</summary>
    public static bool IsKmsAlone(BootEnvironment boot) =>
        new BootFaults().Try(() => Read(boot)) is { Broker: false };

    public static ProcessParts Read(BootEnvironment boot)
    {
        var names = boot.Read(CoreSettings.Modules);
        foreach (var name in names)
        {
            if (name is not ("broker" or "kms"))
            {
                throw BootFailException.At(CoreSettings.Modules, boot.Text(CoreSettings.Modules),
                    $"\"{name}\" is not a module; they are broker and kms");
            }
        }

        return names.Length > 0
            ? new ProcessParts(names.Contains("broker"), names.Contains("kms"))
            : throw BootFailException.At(CoreSettings.Modules, boot.Text(CoreSettings.Modules),
                "names no module; they are broker and kms");
    }
}

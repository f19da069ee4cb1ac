namespace Broker.Configuration;

/// <summary>Which parts of the house this process runs: the broker, the KMS, or both.</summary>
internal sealed record ModuleOptions(bool Broker, bool Kms)
{
    public static ModuleOptions Read(BootEnvironment boot)
    {
        var names = boot.Read(Settings.Modules);
        foreach (var name in names)
        {
            if (name is not ("broker" or "kms"))
            {
                throw BootFailException.At(Settings.Modules, boot.Text(Settings.Modules),
                    $"\"{name}\" is not a module; they are broker and kms");
            }
        }

        return names.Length > 0
            ? new ModuleOptions(names.Contains("broker"), names.Contains("kms"))
            : throw BootFailException.At(Settings.Modules, boot.Text(Settings.Modules),
                "names no module; they are broker and kms");
    }
}

using Broker.Foundation.Settings;

namespace Broker.Configuration;

/// <summary>Which parts of the house this process runs. The signer needs the broker's sessions and its ledger.</summary>
internal sealed record ProcessParts(bool Broker, bool Kms, bool Signer)
{
    /// <summary>True only where the modules can be read; what is wrong with them is told with all else.</summary>
    public static bool IsKmsAlone(BootEnvironment boot) =>
        new BootFaults().Try(() => Read(boot)) is { Broker: false };

    public static ProcessParts Read(BootEnvironment boot)
    {
        var names = boot.Read(CoreSettings.Modules);
        foreach (var name in names)
        {
            if (name is not ("broker" or "kms" or "signer"))
            {
                throw BootFailException.At(CoreSettings.Modules, boot.Text(CoreSettings.Modules),
                    $"\"{name}\" is not a module; they are broker, kms and signer");
            }
        }

        if (names.Length == 0)
        {
            throw BootFailException.At(CoreSettings.Modules, boot.Text(CoreSettings.Modules),
                "names no module; they are broker, kms and signer");
        }

        var parts = new ProcessParts(names.Contains("broker"), names.Contains("kms"), names.Contains("signer"));
        return parts is { Signer: true, Broker: false }
            ? throw BootFailException.At(CoreSettings.Modules, boot.Text(CoreSettings.Modules),
                "the signer runs beside the broker, whose sessions it verifies: name broker too")
            : parts;
    }
}

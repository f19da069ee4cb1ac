using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.Configuration;

/// <summary>What every part of the process asks about.</summary>
internal static class CoreSettings
{
    public static readonly Setting<string[]> Modules = new("BROKER_MODULES", "Core",
        "What this process runs: the broker, the embedded KMS, the data-class services, or several of them. The signer "
        + "and the email service run beside the broker.", List)
    { Default = "broker", Form = $"comma list of {ProcessParts.AllNames}", Anchor = "modules" };

    public static readonly Setting<bool> DevelopmentMode = new("BROKER_DEV_MODE", "Core",
        "Laptop mode: http issuer allowed, missing key files created, limits off. Never on a public host.", Switch)
    { Default = "false", Form = TrueOrFalse, Anchor = "dev-mode" };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Modules, DevelopmentMode,
    ];
}

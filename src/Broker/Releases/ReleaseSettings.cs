using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.Releases;

/// <summary>What every release is asked for.</summary>
internal static class ReleaseSettings
{
    public static readonly Setting<bool> RequireSignedMint = new("BROKER_REQUIRE_SIGNED_MINT", "AWS",
        "Refuse AWS mints whose body does not carry the wallet's own signature.", Switch)
    { Default = "false", Form = TrueOrFalse, Anchor = "signed-mint" };

    public static readonly Setting<int> MintsPerHour = new("BROKER_RATE_LIMIT_MINTS_PER_HOUR_PER_OMNI", "Limits",
        "Tokens, AWS credentials and capabilities per actor and hour; 0 means no limit. Unset: 600, in development "
        + "mode 0.",
        Whole("BROKER_RATE_LIMIT_MINTS_PER_HOUR_PER_OMNI", 0, 1_000_000_000))
    { Form = "0 to 1000000000", Anchor = "limits" };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        RequireSignedMint, MintsPerHour,
    ];
}

using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.IdentityLinks;

/// <summary>Links and recovery.</summary>
internal static class LinkSettings
{
    public static readonly Setting<int> LookupsPerHour = new("BROKER_RATE_LIMIT_LOOKUPS_PER_HOUR_PER_IP", "Limits",
        "Recovery look-ups per client address (IPv6: per /64) and hour; 0 means no limit. Unset: 60, in development "
        + "mode 0.",
        Whole("BROKER_RATE_LIMIT_LOOKUPS_PER_HOUR_PER_IP", 0, 1_000_000_000))
    { Form = "0 to 1000000000", Anchor = "limits" };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } = [LookupsPerHour];
}

/// <summary>How many look-ups a client address has in an hour; 0 means no limit.</summary>
internal sealed record LinkOptions(int LookupsPerHour)
{
    public static LinkOptions Read(BootEnvironment boot, bool isDevelopment) => new(
        boot.IsSet(LinkSettings.LookupsPerHour) ? boot.Read(LinkSettings.LookupsPerHour) : isDevelopment ? 0 : 60);
}

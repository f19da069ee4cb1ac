using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.Identity;

/// <summary>The namespace of actors.</summary>
internal static class IdentitySettings
{
    public static readonly Setting<string> ClientId = new("AGENTKEYS_CLIENT_ID", "Core",
        "Namespace of actor omnis. Changing it changes every actor's identity and S3 prefix.", ClientIdentifier)
    { Default = "agentkeys", Form = "1 to 64 characters of a URI, without white space or quotes", Anchor = "identity" };

    public static readonly Setting<TimeSpan> ClockSkew = new("BROKER_NTP_MAX_SKEW_SECONDS", "Sign-in",
        "How far a client's clock may be ahead of or behind ours.", Seconds("BROKER_NTP_MAX_SKEW_SECONDS", 0, 300))
    { Default = "60", Form = "0 to 300 seconds", Anchor = "wallet-sign-in" };

    public static readonly Setting<int> ChangesPerHour = new("BROKER_RATE_LIMIT_CHANGES_PER_HOUR_PER_OMNI", "Limits",
        "Grants, links, pairings and path policies that an actor makes or ends in an hour; 0 means no limit. Unset: "
        + "600, in development mode 0.",
        Whole("BROKER_RATE_LIMIT_CHANGES_PER_HOUR_PER_OMNI", 0, 1_000_000_000))
    { Form = "0 to 1000000000", Anchor = "limits" };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        ClientId, ClockSkew, ChangesPerHour,
    ];

    private static string ClientIdentifier(string value)
    {
        if (value.Length > 64 || value.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '"' or '\''))
            throw new FormatException("must be 1 to 64 characters without white space or quotes");
        return value;
    }
}

using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.Sessions;

/// <summary>Session tokens, and the backend that vouches for legacy bearers.</summary>
internal static class SessionSettings
{
    public static readonly Setting<TimeSpan> SessionTokenLifetime = new("BROKER_SESSION_JWT_TTL_SECONDS", "Sessions",
        "Lifetime of a session token.", Seconds("BROKER_SESSION_JWT_TTL_SECONDS", 60, 86_400))
    { Default = "18000", Form = "60 to 86400 seconds", Anchor = "session-token" };

    public static readonly Setting<Uri> BackendUrl = new("BROKER_BACKEND_URL", "Legacy bearers",
        "Base address of the backend that validates opaque bearers. Unset: opaque bearers are refused.", HttpUrl)
    { Form = "http(s)://host[:port][/path]", Anchor = "legacy-bearers", IsAddress = true };

    public static readonly Setting<TimeSpan> BackendTimeout = new("BROKER_BACKEND_TIMEOUT_SECONDS", "Legacy bearers",
        "Longest wait for the backend's answer.", Seconds("BROKER_BACKEND_TIMEOUT_SECONDS", 1, 60))
    { Default = "10", Form = "1 to 60 seconds", Anchor = "legacy-bearers" };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        SessionTokenLifetime, BackendUrl, BackendTimeout,
    ];
}

using Broker.Foundation.Settings;
using Serilog.Events;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.Operations;

/// <summary>How the process lives, and what it tells.</summary>
internal static class OperationsSettings
{
    public static readonly Setting<bool> RefuseToBootStrict = new("BROKER_REFUSE_TO_BOOT_STRICT", "Core",
        "A failing tier-2 check (legacy backend, STS) stops the start instead of showing in /readyz.", Switch)
    { Default = "false", Form = TrueOrFalse, Anchor = "tier-2" };

    public static readonly Setting<TimeSpan> ShutdownGrace = new("BROKER_SHUTDOWN_GRACE_SECONDS", "Core",
        "After SIGTERM: how long requests under way may take to finish.",
        Seconds("BROKER_SHUTDOWN_GRACE_SECONDS", 0, 600))
    { Default = "30", Form = "0 to 600 seconds", Anchor = "lifecycle" };

    public static readonly Setting<TimeSpan> MaxUptime = new("BROKER_MAX_UPTIME_SECONDS", "Core",
        "Exit cleanly (code 0) after this long, for systemd to start afresh; 86400 is a day, 0 never.",
        Seconds("BROKER_MAX_UPTIME_SECONDS", 0, 31_536_000))
    { Default = "0", Form = "0 to 31536000 seconds", Anchor = "lifecycle" };

    public static readonly Setting<bool> MetricsEnabled = new("BROKER_METRICS_ENABLED", "Core",
        "Serve GET /metrics in the Prometheus text format.", Switch)
    { Default = "false", Form = TrueOrFalse, Anchor = "metrics" };

    public static readonly Setting<LogEventLevel> LogLevel = new("BROKER_LOG_LEVEL", "Core",
        "Least severe level that is logged.", Choice(
            ("trace", LogEventLevel.Verbose), ("debug", LogEventLevel.Debug), ("info", LogEventLevel.Information),
            ("warn", LogEventLevel.Warning), ("error", LogEventLevel.Error)))
    { Default = "info", Form = "trace, debug, info, warn or error", Anchor = "logs", Aliases = ["RUST_LOG"] };

    public static readonly Setting<string> LogFormat = new("BROKER_LOG_FORMAT", "Core",
        "How log lines look on standard error.", OneOf("text", "json"))
    { Default = "text", Form = "text or json", Anchor = "logs" };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        RefuseToBootStrict, ShutdownGrace, MaxUptime, MetricsEnabled, LogLevel, LogFormat,
    ];
}

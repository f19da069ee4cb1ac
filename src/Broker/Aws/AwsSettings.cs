using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.Aws;

/// <summary>How AWS credentials are had.</summary>
internal static class AwsSettings
{
    public static readonly Setting<TimeSpan> SessionDuration = new("BROKER_SESSION_DURATION_SECONDS", "AWS",
        "Lifetime of AWS credentials where the caller asks for none (duration_seconds, same bounds); the role must "
        + "allow it.",
        Seconds("BROKER_SESSION_DURATION_SECONDS", 900, 43_200))
    { Default = "3600", Form = "900 to 43200 seconds", Anchor = "sts" };

    public static readonly Setting<StsMode> Mode = new("BROKER_STS_MODE", "AWS",
        "How AWS credentials are had. Unset: assume_role where the static keys are set, web_identity otherwise.",
        Choice(("web_identity", StsMode.WebIdentity), ("assume_role", StsMode.AssumeRole)))
    { Form = "web_identity or assume_role", Anchor = "sts" };

    public static readonly Setting<Uri> StsEndpoint = new("AWS_ENDPOINT_URL_STS", "AWS",
        "STS endpoint, where it is not the region's own.", HttpUrl)
    { Form = "http(s)://host[:port]", Anchor = "sts", Aliases = ["AWS_ENDPOINT_URL"], IsAddress = true };

    public static readonly Setting<TimeSpan> StsTimeout = new("BROKER_STS_TIMEOUT_SECONDS", "AWS",
        "Longest that one mint waits for STS, retries included.", Seconds("BROKER_STS_TIMEOUT_SECONDS", 1, 60))
    { Default = "10", Form = "1 to 60 seconds", Anchor = "sts" };

    public static readonly Setting<int> StsConcurrency = new("BROKER_STS_MAX_CONCURRENCY", "AWS",
        "STS calls under way at once; further mints wait their turn within the timeout.",
        Whole("BROKER_STS_MAX_CONCURRENCY", 1, 1024))
    { Default = "64", Form = "1 to 1024", Anchor = "sts" };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        SessionDuration, Mode, StsEndpoint, StsTimeout, StsConcurrency,
    ];
}

using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.Inbox;

/// <summary>Reading inbound mail.</summary>
internal static class InboxSettings
{
    private const string Group = "Inbound mail";
    private const string Anchor = "inbound-mail";

    public static readonly Setting<int> MessageLimit = new("BROKER_INBOX_MESSAGE_LIMIT_BYTES", Group,
        "Largest message that GET /v1/mail/{id} takes apart. Memory for one message is up to 64 MB at the default and "
        + "grows with it.",
        Whole("BROKER_INBOX_MESSAGE_LIMIT_BYTES", 4096, 10_485_760))
    { Default = "1048576", Form = "4096 to 10485760 bytes", Anchor = Anchor };

    public static readonly Setting<TimeSpan> Timeout = new("BROKER_INBOX_TIMEOUT_SECONDS", Group,
        "Longest that one request waits for S3, retries included.", Seconds("BROKER_INBOX_TIMEOUT_SECONDS", 1, 60))
    { Default = "10", Form = "1 to 60 seconds", Anchor = Anchor };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } = [MessageLimit, Timeout];
}

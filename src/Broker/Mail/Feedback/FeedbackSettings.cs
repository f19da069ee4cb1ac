using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.Mail.Feedback;

/// <summary>Where bounces and complaints are told.</summary>
internal static class FeedbackSettings
{
    public static readonly Setting<Uri> Queue = new("BROKER_EMAIL_FEEDBACK_QUEUE_URL", "E-mail",
        "SQS queue with SES's notifications of bounces and complaints, by way of SNS; whoever may write there decides "
        + "who gets no mail. Unset: none is read.", HttpUrl)
    { Form = "http(s)://host[:port]/account/name", Anchor = "mail", IsAddress = true };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Queue,
    ];
}

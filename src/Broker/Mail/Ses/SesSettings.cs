using Broker.Foundation.Settings;
using Broker.Identity;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.Mail.Ses;

/// <summary>Amazon SES as the sender.</summary>
internal static class SesSettings
{
    private const string Group = "E-mail";
    private const string Anchor = "mail";
    private const int LongestName = 64;

    public static readonly Setting<Uri> Endpoint = new("AWS_ENDPOINT_URL_SESV2", Group,
        "SES endpoint, where it is not the region's own.", HttpUrl)
    { Form = "http(s)://host[:port]", Anchor = Anchor, Aliases = ["AWS_ENDPOINT_URL"], IsAddress = true };

    public static readonly Setting<string> ConfigurationSet = new("BROKER_SES_CONFIGURATION_SET", Group,
        "Configuration set that SES sends by; it names where bounces and complaints are told.", SetName)
    { Form = "a configuration set: 1 to 64 of A-Z, a-z, 0-9, _ and -", Anchor = Anchor };

    public static readonly Setting<EmailAddress> FeedbackAddress = new("BROKER_SES_FEEDBACK_ADDRESS", Group,
        "Mailbox to which SES forwards bounces and complaints; verified with SES. Unset: the sender.",
        EmailAddress.Parse)
    { Form = EmailAddress.Form, Anchor = Anchor };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Endpoint, ConfigurationSet, FeedbackAddress,
    ];

    private static string SetName(string value) =>
        value.Length <= LongestName && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')
            ? value
            : throw new FormatException("must be a configuration set: 1 to 64 of A-Z, a-z, 0-9, _ and -");
}

using Broker.Foundation.Settings;
using Broker.Identity;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.Mail;

/// <summary>Who sends mail, and as whom.</summary>
internal static class MailSettings
{
    private const string Group = "E-mail";
    private const string Anchor = "mail";
    private const int LongestPassword = 1024;

    public static readonly Setting<EmailAddress> From = new("BROKER_EMAIL_FROM_ADDRESS", Group,
        "Sender of the mails, verified with SES where SES sends. Required with email_link.", EmailAddress.Parse)
    { Form = EmailAddress.Form, Anchor = Anchor };

    public static readonly Setting<MailSenderKind> Sender = new("BROKER_EMAIL_SENDER", Group,
        "Who carries the mails away. stub keeps them on this machine, and is for development mode only.",
        Choice(("stub", MailSenderKind.Stub), ("ses", MailSenderKind.Ses), ("smtp", MailSenderKind.Smtp)))
    { Default = "stub", Form = "stub, ses or smtp", Anchor = Anchor };

    public static readonly Setting<TimeSpan> Timeout = new("BROKER_EMAIL_TIMEOUT_SECONDS", Group,
        "Longest that one request waits for its mail to be accepted, retries included.",
        Seconds("BROKER_EMAIL_TIMEOUT_SECONDS", 1, 60))
    { Default = "10", Form = "1 to 60 seconds", Anchor = Anchor };

    public static readonly Setting<string> SmtpHost = new("BROKER_SMTP_HOST", Group,
        "Mail server. STARTTLS is required (TLS from the first byte on port 465) unless it is on loopback.", HostName)
    { Form = "a DNS name or IP address", Anchor = Anchor };

    public static readonly Setting<int> SmtpPort = new("BROKER_SMTP_PORT", Group, "Its port.",
        Whole("BROKER_SMTP_PORT", 1, 65_535))
    { Default = "587", Form = "1 to 65535", Anchor = Anchor };

    public static readonly Setting<string> SmtpUser = new("BROKER_SMTP_USERNAME", Group,
        "User at the mail server; only with its password.", Text(256))
    { Form = "at most 256 printable characters", Anchor = Anchor };

    public static readonly Setting<string> SmtpPassword = new("BROKER_SMTP_PASSWORD_FILE", Group,
        "File with that user's password.", path => SecretFile.ReadText(FilePath(path), LongestPassword))
    { Form = SecretFile.Form, Anchor = Anchor };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        From, Sender, Timeout, SmtpHost, SmtpPort, SmtpUser, SmtpPassword,
    ];

    private static string HostName(string value) =>
        value.Length <= 253 && Uri.CheckHostName(value) is not UriHostNameType.Unknown
            ? value
            : throw new FormatException("must be a DNS name or an IP address, without a port");
}

/// <summary>Who carries mail away.</summary>
internal enum MailSenderKind
{
    /// <summary>Nobody: the mail stays here.</summary>
    Stub,

    /// <summary>Amazon SES.</summary>
    Ses,

    /// <summary>A mail server.</summary>
    Smtp,
}

using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.SignIn.Email;

/// <summary>Sign-in by mail.</summary>
internal static class EmailSettings
{
    private const string Group = "E-mail";
    private const string Anchor = "email-sign-in";
    private const string LimitForm = "0 to 1000000000";

    public static readonly Setting<Uri> LandingBase = new("BROKER_EMAIL_LANDING_URL_BASE", Group,
        "Address under which people's browsers reach this broker, where that is not the issuer. Unset: the issuer.",
        HttpUrl)
    { Form = "http(s)://host[:port][/path]", Anchor = Anchor, IsAddress = true };

    public static readonly Setting<Uri> SuccessRedirect = new("BROKER_EMAIL_SUCCESS_REDIRECT_URL", Group,
        "Page to go to after a sign-in was confirmed. Unset: the landing page says so itself.", HttpUrl)
    { Form = "http(s)://host[:port][/path]", Anchor = Anchor, IsAddress = true };

    public static readonly Setting<int> PerMailbox = new("BROKER_EMAIL_RATE_LIMIT_PER_EMAIL_HOURLY", "Limits",
        "Sign-in mails per mailbox and hour; 0 means no limit. Unset: 5, in development mode 0.",
        Whole("BROKER_EMAIL_RATE_LIMIT_PER_EMAIL_HOURLY", 0, 1_000_000_000))
    { Form = LimitForm, Anchor = "limits" };

    public static readonly Setting<int> PerClient = new("BROKER_EMAIL_RATE_LIMIT_PER_IP_MINUTELY", "Limits",
        "Sign-in mails, and separately looks at links, per client address (IPv6: per /64) and minute; 0 means no "
        + "limit. Unset: 30, in development mode 0.",
        Whole("BROKER_EMAIL_RATE_LIMIT_PER_IP_MINUTELY", 0, 1_000_000_000))
    { Form = LimitForm, Anchor = "limits" };

    public static readonly Setting<int> Total = new("BROKER_EMAIL_RATE_LIMIT_TOTAL_MINUTELY", "Limits",
        "Sign-in mails per minute in all, so that many addresses together cannot spend the sender's reputation; 0 "
        + "means no limit. Unset: 60, in development mode 0.",
        Whole("BROKER_EMAIL_RATE_LIMIT_TOTAL_MINUTELY", 0, 1_000_000_000))
    { Form = LimitForm, Anchor = "limits" };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        LandingBase, SuccessRedirect, PerMailbox, PerClient, Total,
    ];
}

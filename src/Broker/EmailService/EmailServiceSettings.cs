using Broker.Foundation.Settings;
using Broker.Identity;

namespace Broker.EmailService;

/// <summary>The email service: where it listens, and whose addresses it sends from.</summary>
internal static class EmailServiceSettings
{
    private const string Group = "Email service (BROKER_MODULES=broker,email)";
    private const string Anchor = "email-service";
    private const string DomainForm = "a host name in lower case";

    public static readonly Setting<int> Port = new("BROKER_EMAIL_PORT", Group,
        "Port of the email service's own listener, on BROKER_BIND; 0 lets the system choose.", SettingForms.Port)
    { Default = "9093", Form = "0 to 65535", Anchor = Anchor };

    public static readonly Setting<string> Domain = new("BROKER_MAIL_DOMAIN", Group,
        "Domain whose inbound mail is filed under its wallets: an actor sends from or-<its wallet>-<number> of this "
        + "domain and from no other address. SES must have verified it.", ReadDomain)
    { Form = DomainForm, Anchor = Anchor };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } = [Port, Domain];

    private static string ReadDomain(string value) =>
        EmailAddress.TryParse($"x@{value}", out var address) && address.Domain == value
            ? value
            : throw new FormatException($"must be {DomainForm}");
}

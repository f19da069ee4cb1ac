using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.SignIn.Passkey;

/// <summary>Sign-in by passkey.</summary>
internal static class PasskeySettings
{
    private const string Group = "Passkeys";
    private const string Anchor = "passkeys";

    public static readonly Setting<string> RelyingParty = new("BROKER_PASSKEY_RP_ID", Group,
        "Domain that passkeys are made for: the host of the pages that ask for them, or a parent domain of it. A passkey "
        + "works for this domain for ever, so it must not change. Unset: the issuer's host.", DomainName)
    { Form = "a domain name in lower case", Anchor = Anchor };

    public static readonly Setting<string[]> Origins = new("BROKER_PASSKEY_ORIGINS", Group,
        "Origins of the pages that may ask for passkeys. Unset: the issuer's.", List)
    { Form = "comma list of http(s)://host[:port]", Anchor = Anchor };

    public static readonly Setting<int> PerClient = new("BROKER_PASSKEY_RATE_LIMIT_PER_IP_MINUTELY", "Limits",
        "Passkey challenges per client address (IPv6: per /64) and minute; 0 means no limit. Unset: 30, in development "
        + "mode 0.",
        Whole("BROKER_PASSKEY_RATE_LIMIT_PER_IP_MINUTELY", 0, 1_000_000_000))
    { Form = "0 to 1000000000", Anchor = "limits" };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } = [RelyingParty, Origins, PerClient];

    private static string DomainName(string value) =>
        Uri.CheckHostName(value) == UriHostNameType.Dns && !value.Any(char.IsAsciiLetterUpper)
            ? value
            : throw new FormatException("must be a domain name in lower case, not an IP address");
}

using System.Text;
using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.Issuer;

/// <summary>The issuer.</summary>
internal static class IssuerSettings
{
    public static readonly Setting<string> Issuer = new("BROKER_OIDC_ISSUER", "OIDC",
        "Issuer URL, byte for byte as registered with AWS IAM: https, no trailing slash, no query; a port only in "
        + "development mode. Required; in development mode it defaults to the local address.", IssuerUrl)
    { Form = "https://host[/path]", Anchor = "oidc-issuer", IsAddress = true, ComesFirst = true };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Issuer,
    ];

    /// <summary>Checks the form only; whether http is allowed depends on the mode and is decided at boot.</summary>
    private static string IssuerUrl(string value)
    {
        if (value.EndsWith('/')) throw new FormatException("must not end in a slash: AWS compares it byte for byte");
        if (!value.StartsWith("https://", StringComparison.Ordinal)
            && !value.StartsWith("http://", StringComparison.Ordinal))
            throw new FormatException("must start with https:// (a bare host name is not an issuer)");
        if (value.Length > 255) throw new FormatException("must be at most 255 characters");
        var url = HttpUrl(value);
        var authority = url.IsDefaultPort ? url.IdnHost : $"{url.IdnHost}:{url.Port}";
        var normal = $"{url.Scheme}://{authority}{url.AbsolutePath}".TrimEnd('/');

        if (!Ascii.IsValid(value))
        {
            throw new FormatException(
                "would make every sign-in message invalid: it is not a URI (RFC 3986); written as one it is "
                + normal);
        }

        // Another spelling would be an issuer that clients, AWS and the wallet's domain compare and do not find.
        return value == normal || value == Bracketed(url)
            ? value
            : throw new FormatException($"must be written in its normal form, {normal}: lower-case ASCII host, no dot "
                + "segments, no port that the scheme has anyway");
    }

    /// <summary>The form with an IPv6 address as host, whose brackets <see cref="Uri.IdnHost"/> leaves out.</summary>
    private static string? Bracketed(Uri url) => url.HostNameType == UriHostNameType.IPv6
        ? $"{url.Scheme}://{url.Authority}{url.AbsolutePath}".TrimEnd('/')
        : null;
}

using Broker.Foundation.Settings;
using Broker.SignIn.Methods;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.SignIn.Oidc;

/// <summary>Sign-in at an OpenID provider: Google, or any other one.</summary>
internal static class OidcSettings
{
    private const string Group = "OpenID providers";
    private const string Anchor = "openid-sign-in";
    private const string AddressForm = "http(s)://host[:port][/path]";
    private const string ClientIdForm = "at most 256 printable characters";
    private const int LongestSecret = 1024;
    private const int ShortestStateKey = 32;

    public static readonly Setting<string[]> Providers = new("BROKER_OAUTH2_PROVIDERS", Group,
        "Providers that are offered. Unset: those whose method BROKER_AUTH_METHODS names.", List)
    { Form = $"comma list of {string.Join(", ", OidcProvider.Names)}", Anchor = Anchor };

    public static readonly Setting<Uri> RedirectUri = new("BROKER_OAUTH2_REDIRECT_URI", Group,
        $"Where providers send people back to, as registered with them. Unset: the issuer and {OidcCallback.Path}.",
        HttpUrl)
    { Form = AddressForm, Anchor = Anchor, IsAddress = true };

    public static readonly Setting<Uri> GoogleIssuer = new("BROKER_OAUTH2_GOOGLE_ISSUER", Group,
        "Google's issuer; another one only to try things out.", HttpUrl)
    { Default = "https://accounts.google.com", Form = AddressForm, Anchor = Anchor, IsAddress = true };

    public static readonly Setting<string> GoogleClientId = new("BROKER_OAUTH2_GOOGLE_CLIENT_ID", Group,
        $"Client id at Google. Required with {SignInMethod.Google}.", Text(256))
    { Form = ClientIdForm, Anchor = Anchor };

    public static readonly Setting<string> GoogleClientSecret = new("BROKER_OAUTH2_GOOGLE_CLIENT_SECRET_FILE", Group,
        $"File with that client's secret. Required with {SignInMethod.Google}.", Secret)
    { Form = SecretFile.Form, Anchor = Anchor };

    public static readonly Setting<Uri> OidcIssuer = new("BROKER_OAUTH2_OIDC_ISSUER", Group,
        $"Issuer of the other provider; its discovery document is below it. Required with {SignInMethod.Oidc}.", HttpUrl)
    { Form = AddressForm, Anchor = Anchor, IsAddress = true };

    public static readonly Setting<string> OidcClientId = new("BROKER_OAUTH2_OIDC_CLIENT_ID", Group,
        $"Client id there. Required with {SignInMethod.Oidc}.", Text(256))
    { Form = ClientIdForm, Anchor = Anchor };

    public static readonly Setting<string> OidcClientSecret = new("BROKER_OAUTH2_OIDC_CLIENT_SECRET_FILE", Group,
        $"File with that client's secret. Required with {SignInMethod.Oidc}.", Secret)
    { Form = SecretFile.Form, Anchor = Anchor };

    public static readonly Setting<byte[]> StateKey = new("BROKER_OAUTH2_STATE_HMAC_KEY_PATH", Group,
        "File with at least 32 random bytes, from which the keys of the state parameter are derived. Required with a "
        + "provider, but in development mode: there unset means new keys at each start.", StateKeyOf)
    { Form = SecretFile.Form, Anchor = Anchor };

    public static readonly Setting<TimeSpan> KeysLifetime = new("BROKER_OAUTH2_JWKS_TTL_SECONDS", Group,
        "How long a provider's discovery document and keys are used before they are fetched anew.",
        Seconds("BROKER_OAUTH2_JWKS_TTL_SECONDS", 300, 86_400))
    { Default = "3600", Form = "300 to 86400 seconds", Anchor = Anchor };

    public static readonly Setting<int> PerClient = new("BROKER_OAUTH2_START_RATE_LIMIT_PER_IP_MINUTELY", "Limits",
        "Sign-ins at providers that a client address (IPv6: per /64) may begin in a minute; 0 means no limit. Unset: 30, "
        + "in development mode 0.",
        Whole("BROKER_OAUTH2_START_RATE_LIMIT_PER_IP_MINUTELY", 0, 1_000_000_000))
    { Form = "0 to 1000000000", Anchor = "limits" };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Providers, RedirectUri, GoogleIssuer, GoogleClientId, GoogleClientSecret, OidcIssuer, OidcClientId,
        OidcClientSecret, StateKey, KeysLifetime, PerClient,
    ];

    private static string Secret(string path) =>
        SecretFile.ReadText(FilePath(path), LongestSecret) is { Length: > 0 } secret
            ? secret
            : throw new FormatException("names an empty file");

    private static byte[] StateKeyOf(string path) =>
        SecretFile.ReadBytes(FilePath(path), LongestSecret) is { Length: >= ShortestStateKey } key
            ? key
            : throw new FormatException($"holds fewer than {ShortestStateKey} bytes; make it: openssl rand -out FILE 32");
}

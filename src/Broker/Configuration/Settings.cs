using System.Collections.Frozen;
using System.Net;
using Broker.Kms.Configuration;
using Broker.SignIn.Wallet;
using static Broker.Configuration.SettingForms;

namespace Broker.Configuration;

/// <summary>
/// Every environment variable that the broker reads, and nothing else reads any. <c>broker.env.example</c> is printed
/// from this list (<c>Broker settings</c>), and a test holds the two together.
/// </summary>
internal static partial class Settings
{
    private const string Path = "a path; ~/ is the home directory";
    private const string TrueOrFalse = "true or false";

    public static readonly Setting<string[]> Modules = new("BROKER_MODULES", "Core",
        "What this process runs: the broker, the embedded KMS, or both.", List)
    { Default = "broker", Form = "comma list of broker, kms", Anchor = "modules" };

    public static readonly Setting<IPAddress> Bind = new("BROKER_BIND", "Core",
        "Address to listen on. Keep it on loopback and let nginx terminate TLS.", Address)
    { Default = "127.0.0.1", Form = "an IP address", Anchor = "listening" };

    public static readonly Setting<int> Port = new("BROKER_PORT", "Core",
        "Port to listen on; 0 lets the system choose.", Whole("BROKER_PORT", 0, 65535))
    { Default = "8091", Form = "0 to 65535", Anchor = "listening" };

    public static readonly Setting<string> DataDirectory = new("BROKER_DATA_DIR", "Core",
        "Folder of the ledger, the state database and, unless their own variables say otherwise, the key files.",
        FilePath)
    { Default = "~/.agentkeys/broker", Form = Path, Anchor = "data" };

    public static readonly Setting<string> StateDatabase = new("BROKER_STATE_DB_PATH", "Core",
        "SQLite file with sign-in challenges, wallet bindings, revocations and idempotency records. "
        + "Unset: broker.sqlite in BROKER_DATA_DIR.", FilePath)
    { Form = Path, Anchor = "data" };

    public static readonly Setting<bool> DevelopmentMode = new("BROKER_DEV_MODE", "Core",
        "Laptop mode: http issuer allowed, missing key files created, limits off. Never on a public host.", Switch)
    { Default = "false", Form = TrueOrFalse, Anchor = "dev-mode" };

    public static readonly Setting<bool> RefuseToBootStrict = new("BROKER_REFUSE_TO_BOOT_STRICT", "Core",
        "A failing tier-2 check (legacy backend, STS) stops the start instead of showing in /readyz.", Switch)
    { Default = "false", Form = TrueOrFalse, Anchor = "tier-2" };

    public static readonly Setting<TimeSpan> ShutdownGrace = new("BROKER_SHUTDOWN_GRACE_SECONDS", "Core",
        "After SIGTERM: how long requests under way may take to finish.",
        Seconds("BROKER_SHUTDOWN_GRACE_SECONDS", 0, 600))
    { Default = "30", Form = "0 to 600 seconds", Anchor = "lifecycle" };

    public static readonly Setting<TimeSpan> MaxUptime = new("BROKER_MAX_UPTIME_SECONDS", "Core",
        "Exit cleanly (code 0) after this long, for systemd to start afresh; 86400 is a day, 0 never.",
        Seconds("BROKER_MAX_UPTIME_SECONDS", 0, 31_536_000))
    { Default = "0", Form = "0 to 31536000 seconds", Anchor = "lifecycle" };

    public static readonly Setting<int> RequestBodyLimit = new("BROKER_REQUEST_BODY_LIMIT_BYTES", "Core",
        "A larger request body is refused with 413.", Whole("BROKER_REQUEST_BODY_LIMIT_BYTES", 1024, 16_777_216))
    { Default = "1048576", Form = "1024 to 16777216 bytes", Anchor = "limits" };

    public static readonly Setting<bool> MetricsEnabled = new("BROKER_METRICS_ENABLED", "Core",
        "Serve GET /metrics in the Prometheus text format.", Switch)
    { Default = "false", Form = TrueOrFalse, Anchor = "metrics" };

    public static readonly Setting<string> LogLevel = new("BROKER_LOG_LEVEL", "Core",
        "Least severe level that is logged.", OneOf("trace", "debug", "info", "warn", "error"))
    { Default = "info", Form = "trace, debug, info, warn or error", Anchor = "logs", Aliases = ["RUST_LOG"] };

    public static readonly Setting<string> LogFormat = new("BROKER_LOG_FORMAT", "Core",
        "How log lines look on standard error.", OneOf("text", "json"))
    { Default = "text", Form = "text or json", Anchor = "logs" };

    public static readonly Setting<string> ClientId = new("AGENTKEYS_CLIENT_ID", "Core",
        "Namespace of actor omnis. Changing it changes every actor's identity and S3 prefix.", ClientIdentifier)
    { Default = "agentkeys", Form = "1 to 64 characters of a URI, without white space or quotes", Anchor = "identity" };

    public static readonly Setting<string> Issuer = new("BROKER_OIDC_ISSUER", "OIDC",
        "Issuer URL, byte for byte as registered with AWS IAM: https, no trailing slash, no query; a port only in "
        + "development mode. Required; in development mode it defaults to the local address.", IssuerUrl)
    { Form = "https://host[/path]", Anchor = "oidc-issuer", IsAddress = true };

    public static readonly Setting<string> OidcKeyFile = new("BROKER_OIDC_KEYPAIR_PATH", "OIDC",
        "Key file that signs OIDC tokens. Unset: oidc-keypair.json in BROKER_DATA_DIR.", FilePath)
    { Form = Path, Anchor = "oidc-keypair" };

    public static readonly Setting<string[]> OidcPublishedKeyFiles = new("BROKER_OIDC_PUBLISHED_KEYPAIR_PATHS", "OIDC",
        "Further key files whose public keys stand in the JWKS without signing: the next key before it signs, the last "
        + "one until its tokens have expired.", value => [.. List(value).Select(FilePath)])
    { Default = "", Form = "comma-separated paths", Anchor = "oidc-keypair" };

    public static readonly Setting<TimeSpan> OidcTokenLifetime = new("BROKER_OIDC_JWT_TTL_SECONDS", "OIDC",
        "Lifetime of an OIDC token where the caller asks for none (ttl_seconds, within the same bounds).",
        Seconds("BROKER_OIDC_JWT_TTL_SECONDS", 60, 3600))
    { Default = "300", Form = "60 to 3600 seconds", Anchor = "oidc-token" };

    public static readonly Setting<bool> SourceIdentity = new("BROKER_OIDC_SOURCE_IDENTITY", "OIDC",
        "Emit https://aws.amazon.com/source_identity. AWS refuses the call where the trust policy lacks "
        + "sts:SetSourceIdentity.", Switch)
    { Default = "false", Form = TrueOrFalse, Anchor = "oidc-token" };

    public static readonly Setting<string> SessionKeyFile = new("BROKER_SESSION_KEYPAIR_PATH", "Sessions",
        "Key file that signs session tokens; never the OIDC one. Unset: session-keypair.json in BROKER_DATA_DIR.",
        FilePath)
    { Form = Path, Anchor = "session-keypair" };

    public static readonly Setting<TimeSpan> SessionTokenLifetime = new("BROKER_SESSION_JWT_TTL_SECONDS", "Sessions",
        "Lifetime of a session token.", Seconds("BROKER_SESSION_JWT_TTL_SECONDS", 60, 86_400))
    { Default = "18000", Form = "60 to 86400 seconds", Anchor = "session-token" };

    /// <summary>Every name that is read, aliases included.</summary>
    public static FrozenSet<string> KnownNames => field ??= All
        .SelectMany(one => (string[])[one.Name, .. one.Aliases])
        .Concat(KmsSettings.All.Select(one => one.Name)).ToFrozenSet(StringComparer.Ordinal);

    private static string ClientIdentifier(string value)
    {
        if (value.Length > 64 || value.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '"' or '\''))
            throw new FormatException("must be 1 to 64 characters without white space or quotes");
        return OwnMessage.FaultOfClientId(value) is { } fault ? throw new FormatException(fault) : value;
    }

    /// <summary>Checks the form only; whether http is allowed depends on the mode and is decided at boot.</summary>
    private static string IssuerUrl(string value)
    {
        if (value.EndsWith('/')) throw new FormatException("must not end in a slash: AWS compares it byte for byte");
        if (!value.StartsWith("https://", StringComparison.Ordinal)
            && !value.StartsWith("http://", StringComparison.Ordinal))
            throw new FormatException("must start with https:// (a bare host name is not an issuer)");
        if (value.Length > 255) throw new FormatException("must be at most 255 characters");
        var url = HttpUrl(value);
        if (OwnMessage.FaultOfIssuer(value) is { } fault) throw new FormatException(fault);
        var authority = url.IsDefaultPort ? url.IdnHost : $"{url.IdnHost}:{url.Port}";
        var normal = $"{url.Scheme}://{authority}{url.AbsolutePath}".TrimEnd('/');

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

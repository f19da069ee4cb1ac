using static Broker.Configuration.SettingForms;

namespace Broker.Configuration;

/// <content>What is handed out, on whose word, and how it is recorded.</content>
internal static partial class Settings
{
    private const string RoleForm = "arn:<partition>:iam::<account id or empty>:role/<name>, at most 2048 characters";
    private const string BucketForm = "a bucket name by S3's rules: 3 to 63 of a-z, 0-9, single dots and hyphens";

    public static readonly Setting<string> LedgerDatabase = new("BROKER_AUDIT_DB_PATH", "Ledger",
        "SQLite file of the append-only ledger. Unset: audit.sqlite in BROKER_DATA_DIR.", FilePath)
    { Form = Path, Anchor = "audit-sqlite" };

    public static readonly Setting<string> LedgerKeyFile = new("BROKER_LEDGER_KEY_PATH", "Ledger",
        "Key file that signs the ledger's checkpoints (Ed25519). Unset: ledger-key.json in BROKER_DATA_DIR.", FilePath)
    { Form = Path, Anchor = "ledger-key" };

    public static readonly Setting<int> LedgerQueue = new("BROKER_LEDGER_QUEUE_CAPACITY", "Ledger",
        "Entries that may wait for the disk; the next request is answered 503.",
        Whole("BROKER_LEDGER_QUEUE_CAPACITY", 1, 1_000_000))
    { Default = "4096", Form = "1 to 1000000", Anchor = "ledger" };

    public static readonly Setting<TimeSpan> LedgerTimeout = new("BROKER_LEDGER_TIMEOUT_SECONDS", "Ledger",
        "Longest that a request waits for the disk before it is answered 503 without a credential.",
        Seconds("BROKER_LEDGER_TIMEOUT_SECONDS", 1, 60))
    { Default = "5", Form = "1 to 60 seconds", Anchor = "ledger" };

    public static readonly Setting<string> OperatorTokenFile = new("BROKER_OPERATOR_TOKEN_FILE", "Ledger",
        "File, mode 0600, with the bearer that may read any entry of the ledger. Unset: only actors read, each its "
        + "own.", FilePath)
    { Form = Path, Anchor = "ledger" };

    public static readonly Setting<string[]> AuthMethods = new("BROKER_AUTH_METHODS", "Sign-in",
        "Ways to sign in that are offered.", List)
    { Default = "wallet_sig", Form = "comma list of wallet_sig", Anchor = "auth-methods" };

    public static readonly Setting<string> WalletProvisioner = new("BROKER_WALLET_PROVISIONER", "Sign-in",
        "Who makes wallets: the client does, the broker only records which address belongs to which actor.",
        OneOf("client_keystore"))
    { Default = "client_keystore", Form = "client_keystore", Anchor = "auth-methods" };

    public static readonly Setting<TimeSpan> ChallengeLifetime = new("BROKER_WALLET_CHALLENGE_TTL_SECONDS", "Sign-in",
        "How long a wallet challenge may be answered.", Seconds("BROKER_WALLET_CHALLENGE_TTL_SECONDS", 60, 3600))
    { Default = "2700", Form = "60 to 3600 seconds", Anchor = "wallet-sign-in" };

    public static readonly Setting<TimeSpan> ClockSkew = new("BROKER_NTP_MAX_SKEW_SECONDS", "Sign-in",
        "How far a client's clock may be ahead of or behind ours.", Seconds("BROKER_NTP_MAX_SKEW_SECONDS", 0, 300))
    { Default = "60", Form = "0 to 300 seconds", Anchor = "wallet-sign-in" };

    public static readonly Setting<Uri> BackendUrl = new("BROKER_BACKEND_URL", "Legacy bearers",
        "Base address of the backend that validates opaque bearers. Unset: opaque bearers are refused.", HttpUrl)
    { Form = "http(s)://host[:port][/path]", Anchor = "legacy-bearers", IsAddress = true };

    public static readonly Setting<TimeSpan> BackendTimeout = new("BROKER_BACKEND_TIMEOUT_SECONDS", "Legacy bearers",
        "Longest wait for the backend's answer.", Seconds("BROKER_BACKEND_TIMEOUT_SECONDS", 1, 60))
    { Default = "10", Form = "1 to 60 seconds", Anchor = "legacy-bearers" };

    public static readonly Setting<string> DataRole = new("BROKER_DATA_ROLE_ARN", "AWS",
        "Role of the data plane (mail). Required outside development mode, here or by ACCOUNT_ID.", RoleArn)
    { Form = RoleForm, Anchor = "roles", Aliases = ["BROKER_AGENT_ROLE_ARN"] };

    public static readonly Setting<string> AccountId = new("ACCOUNT_ID", "AWS",
        "Where no data role is named: its account, the role being agentkeys-data-role.", AccountNumber)
    { Form = "12 digits", Anchor = "roles" };

    public static readonly Setting<string> VaultRole = new("BROKER_VAULT_ROLE_ARN", "AWS",
        "Role of the credential vault.", RoleArn)
    { Form = RoleForm, Anchor = "roles" };

    public static readonly Setting<string> MemoryRole = new("BROKER_MEMORY_ROLE_ARN", "AWS",
        "Role of agents' memory.", RoleArn)
    { Form = RoleForm, Anchor = "roles", Aliases = ["MEMORY_ROLE_ARN"] };

    public static readonly Setting<string> ConfigRole = new("BROKER_CONFIG_ROLE_ARN", "AWS",
        "Role of agents' configuration.", RoleArn)
    { Form = RoleForm, Anchor = "roles" };

    public static readonly Setting<string> DataBucket = new("BROKER_DATA_BUCKET", "AWS",
        "Bucket of the data role.", BucketName)
    { Form = BucketForm, Anchor = "session-policy" };

    public static readonly Setting<string> VaultBucket = new("BROKER_VAULT_BUCKET", "AWS",
        "Bucket of the vault role.", BucketName)
    { Form = BucketForm, Anchor = "session-policy" };

    public static readonly Setting<string> MemoryBucket = new("BROKER_MEMORY_BUCKET", "AWS",
        "Bucket of the memory role.", BucketName)
    { Form = BucketForm, Anchor = "session-policy" };

    public static readonly Setting<string> ConfigBucket = new("BROKER_CONFIG_BUCKET", "AWS",
        "Bucket of the config role.", BucketName)
    { Form = BucketForm, Anchor = "session-policy" };

    public static readonly Setting<string> SessionPolicy = new("BROKER_SESSION_POLICY", "AWS",
        "own_prefix narrows each session to the actor's own prefix of the role's bucket. Unset: own_prefix for a role "
        + "whose bucket is configured, none for another.", OneOf("own_prefix", "none"))
    { Form = "own_prefix or none", Anchor = "session-policy" };

    public static readonly Setting<TimeSpan> SessionDuration = new("BROKER_SESSION_DURATION_SECONDS", "AWS",
        "Lifetime of AWS credentials where the caller asks for none (duration_seconds, same bounds); the role must "
        + "allow it.",
        Seconds("BROKER_SESSION_DURATION_SECONDS", 900, 43_200))
    { Default = "3600", Form = "900 to 43200 seconds", Anchor = "sts" };

    public static readonly Setting<string> StsMode = new("BROKER_STS_MODE", "AWS",
        "How AWS credentials are had. Unset: assume_role where the static keys are set, web_identity otherwise.",
        OneOf("web_identity", "assume_role"))
    { Form = "web_identity or assume_role", Anchor = "sts" };

    public static readonly Setting<string> Region = new("BROKER_AWS_REGION", "AWS", "AWS region.", RegionName)
    {
        Default = "us-east-1",
        Form = "a region name: 1 to 32 letters, digits and inner hyphens",
        Anchor = "sts",
        Aliases = ["REGION", "AWS_REGION", "AWS_DEFAULT_REGION"],
    };

    public static readonly Setting<Uri> StsEndpoint = new("AWS_ENDPOINT_URL_STS", "AWS",
        "STS endpoint, where it is not the region's own.", HttpUrl)
    { Form = "http(s)://host[:port]", Anchor = "sts", Aliases = ["AWS_ENDPOINT_URL"], IsAddress = true };

    public static readonly Setting<TimeSpan> StsTimeout = new("BROKER_STS_TIMEOUT_SECONDS", "AWS",
        "Longest that one mint waits for STS, retries included.", Seconds("BROKER_STS_TIMEOUT_SECONDS", 1, 60))
    { Default = "10", Form = "1 to 60 seconds", Anchor = "sts" };

    public static readonly Setting<int> StsConcurrency = new("BROKER_STS_MAX_CONCURRENCY", "AWS",
        "STS calls under way at once; further mints wait their turn within the timeout.",
        Whole("BROKER_STS_MAX_CONCURRENCY", 1, 1024))
    { Default = "64", Form = "1 to 1024", Anchor = "sts" };

    public static readonly Setting<string> DaemonAccessKeyId = new("DAEMON_ACCESS_KEY_ID", "AWS",
        "Static IAM user key of the broker itself; only with its secret. Prefer web_identity, which needs no key.",
        AccessKeyId)
    {
        Form = "an access key id of at most 128 characters without white space",
        Anchor = "aws-credentials",
        Aliases = ["BROKER_DAEMON_ACCESS_KEY_ID"],
    };

    public static readonly Setting<string> DaemonSecretAccessKey = new("DAEMON_SECRET_ACCESS_KEY", "AWS",
        "The secret of DAEMON_ACCESS_KEY_ID.", SecretKey)
    {
        Form = "a secret of at most 256 characters without white space",
        Anchor = "aws-credentials",
        Aliases = ["BROKER_DAEMON_SECRET_ACCESS_KEY"],
        Secret = true,
    };

    public static readonly Setting<bool> RequireSignedMint = new("BROKER_REQUIRE_SIGNED_MINT", "AWS",
        "Refuse AWS mints whose body does not carry the wallet's own signature.", Switch)
    { Default = "false", Form = TrueOrFalse, Anchor = "signed-mint" };

    public static readonly Setting<int> MintsPerHour = new("BROKER_RATE_LIMIT_MINTS_PER_HOUR_PER_OMNI", "Limits",
        "Tokens and AWS credentials per actor and hour; 0 is no limit. Unset: 600, in development mode 0.",
        Whole("BROKER_RATE_LIMIT_MINTS_PER_HOUR_PER_OMNI", 0, 1_000_000_000))
    { Form = "0 to 1000000000", Anchor = "limits" };

    public static readonly Setting<int> ChallengesPerHour = new("BROKER_RATE_LIMIT_CHALLENGES_PER_HOUR_PER_IP",
        "Limits",
        "Wallet challenges per client address (IPv6: per /64) and hour; 0 is no limit. Unset: 60, in development mode "
        + "0.",
        Whole("BROKER_RATE_LIMIT_CHALLENGES_PER_HOUR_PER_IP", 0, 1_000_000_000))
    { Form = "0 to 1000000000", Anchor = "limits" };

    public static readonly Setting<int> RefusalsPerSource = new("BROKER_REFUSALS_PER_MINUTE_PER_SOURCE", "Limits",
        "Refusals that are recorded one by one for one client address (IPv6: per /64) or actor in a minute; further "
        + "ones are counted, summed up in the ledger once a minute, and answered 429.",
        Whole("BROKER_REFUSALS_PER_MINUTE_PER_SOURCE", 1, 1_000_000))
    { Default = "30", Form = "1 to 1000000", Anchor = "limits" };

    public static readonly Setting<int> RefusalsInAll = new("BROKER_REFUSALS_PER_MINUTE", "Limits",
        "Refusals that are recorded one by one in a minute: of all strangers together, and as many of all proven "
        + "actors.",
        Whole("BROKER_REFUSALS_PER_MINUTE", 1, 1_000_000))
    { Default = "300", Form = "1 to 1000000", Anchor = "limits" };

    public static readonly Setting<int> DiskReserve = new("BROKER_DISK_RESERVE_MIB", "Limits",
        "Space of the ledger's volume, in MiB, that only releases, revocations and sign-outs may use; at most a tenth "
        + "of the volume counts. /readyz is degraded while less than twice as much is free.",
        Whole("BROKER_DISK_RESERVE_MIB", 0, 1_048_576))
    { Default = "256", Form = "0 to 1048576 MiB", Anchor = "limits" };

    /// <summary>All settings, in the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All =>
    [
        Modules, Bind, Port, DataDirectory, StateDatabase, DevelopmentMode, RefuseToBootStrict, ShutdownGrace,
        MaxUptime, RequestBodyLimit, MetricsEnabled, LogLevel, LogFormat, ClientId,
        Issuer, OidcKeyFile, OidcPublishedKeyFiles, OidcTokenLifetime, SourceIdentity,
        SessionKeyFile, SessionTokenLifetime,
        AuthMethods, WalletProvisioner, ChallengeLifetime, ClockSkew,
        BackendUrl, BackendTimeout,
        LedgerDatabase, LedgerKeyFile, LedgerQueue, LedgerTimeout, OperatorTokenFile,
        AuditAnchors, AuditPolicy, AuditBucket, AuditPrefix, AuditRetentionDays, AuditArchive, S3Endpoint, Witnesses,
        DataRole, AccountId, VaultRole, MemoryRole, ConfigRole, DataBucket, VaultBucket, MemoryBucket, ConfigBucket,
        SessionPolicy, SessionDuration, StsMode, Region, StsEndpoint, StsTimeout, StsConcurrency,
        DaemonAccessKeyId, DaemonSecretAccessKey, RequireSignedMint,
        MintsPerHour, ChallengesPerHour, RefusalsPerSource, RefusalsInAll, DiskReserve,
    ];

    private static string RoleArn(string value) => Aws.RoleArn.TryParse(value, out _)
        ? value
        : throw new FormatException($"must be a role ARN ({RoleForm})");

    private static string AccountNumber(string value) => value.Length == 12 && value.All(char.IsAsciiDigit)
        ? value
        : throw new FormatException("must be 12 digits");

    private static string AccessKeyId(string value) =>
        value.Length <= 128 && value.All(c => c is > ' ' and <= '~')
            ? value
            : throw new FormatException("must be at most 128 characters of ASCII without white space");

    private static string SecretKey(string value) =>
        value.Length <= 256 && value.All(c => c is > ' ' and <= '~')
            ? value
            : throw new FormatException("must be at most 256 characters of ASCII without white space");

    /// <summary>
    /// It becomes a label of a host name and a part of signatures. Wider than AWS's own names on purpose: other
    /// implementations have regions such as RegionOne.
    /// </summary>
    private static string RegionName(string value) =>
        value.Length <= 32 && value.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            && value[0] != '-' && value[^1] != '-'
            ? value
            : throw new FormatException("must be a region name such as us-east-1: letters, digits and inner hyphens");

    // Reserved by the naming rules: no general purpose bucket of anybody's has such a name.
    private static readonly string[] ReservedStarts = ["xn--", "sthree-", "amzn-s3-demo-"];

    private static readonly string[] ReservedEnds = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

    /// <summary>
    /// Amazon S3 User Guide, "General purpose bucket naming rules". Narrower on purpose: no hyphen beside a dot, for
    /// the name must be one of a host.
    /// </summary>
    private static string BucketName(string value)
    {
        var labels = value.Split('.');
        var isShaped = value.Length is >= 3 and <= 63
            && value.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-')
            && labels.All(label => label.Length > 0 && label[0] != '-' && label[^1] != '-');
        if (!isShaped)
            throw new FormatException("must be a bucket name: 3 to 63 of a-z, 0-9, between them single '.' or '-'");

        // Formatted as an address, whatever its numbers; digits alone are a name.
        if (labels.Length == 4 && labels.All(label => label.All(char.IsAsciiDigit)))
            throw new FormatException("must be a bucket name, not formatted as an IP address");
        var reserved = ReservedStarts.FirstOrDefault(start => value.StartsWith(start, StringComparison.Ordinal))
            ?? ReservedEnds.FirstOrDefault(end => value.EndsWith(end, StringComparison.Ordinal));
        return reserved is null
            ? value
            : throw new FormatException($"must be a bucket name; S3 keeps names with \"{reserved}\" for itself");
    }
}

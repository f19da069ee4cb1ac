using Broker.Configuration;
using Broker.Foundation.Settings;
using Broker.Ledger.Anchors;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.LedgerHosting;

/// <summary>The ledger, its second anchor, and who may fill it.</summary>
internal static class LedgerSettings
{
    public static readonly Setting<int> LedgerQueue = new("BROKER_LEDGER_QUEUE_CAPACITY", "Ledger",
        "Entries that may wait for the disk; the next request is answered 503.",
        Whole("BROKER_LEDGER_QUEUE_CAPACITY", 1, 1_000_000))
    { Default = "4096", Form = "1 to 1000000", Anchor = "ledger" };

    public static readonly Setting<TimeSpan> LedgerTimeout = new("BROKER_LEDGER_TIMEOUT_SECONDS", "Ledger",
        "Longest that a request waits for the disk before it is answered 503 without a credential.",
        Seconds("BROKER_LEDGER_TIMEOUT_SECONDS", 1, 60))
    { Default = "5", Form = "1 to 60 seconds", Anchor = "ledger" };

    public static readonly Setting<string[]> AuditAnchors = new("BROKER_AUDIT_ANCHORS", "Ledger",
        "Where releases are on record: sqlite always; s3 puts every checkpoint into a bucket with Object Lock.", List)
    { Default = "sqlite", Form = "sqlite, or sqlite,s3", Anchor = "audit-anchors" };

    public static readonly Setting<AnchorPolicy> AuditPolicy = new("BROKER_AUDIT_POLICY", "Ledger",
        "With two anchors: dual_strict releases after both hold the entry, sqlite_primary after the ledger does, the "
        + "other following.", Choice(
            ("dual_strict", AnchorPolicy.DualStrict), ("sqlite_primary", AnchorPolicy.SqlitePrimary)))
    { Default = "dual_strict", Form = "dual_strict or sqlite_primary", Anchor = "audit-policy" };

    public static readonly Setting<string> AuditBucket = new("BROKER_AUDIT_S3_BUCKET", "Ledger",
        "Bucket of the s3 anchor; made with Object Lock.", BucketNames.Parse)
    { Form = BucketNames.Form, Anchor = "audit-anchors" };

    public static readonly Setting<string> AuditPrefix = new("BROKER_AUDIT_S3_PREFIX", "Ledger",
        "Put before every key of the s3 anchor.", KeyPrefix)
    {
        Default = "",
        Form = "empty, or ending in a slash; at most 256 of ASCII that S3 does not advise against",
        Anchor = "audit-anchors",
    };

    public static readonly Setting<int> AuditRetentionDays = new("BROKER_AUDIT_S3_RETENTION_DAYS", "Ledger",
        "For how many days nobody can remove what was anchored (Object Lock, compliance mode).",
        Whole("BROKER_AUDIT_S3_RETENTION_DAYS", 1, 36_500))
    { Default = "365", Form = "1 to 36500 days", Anchor = "audit-anchors" };

    public static readonly Setting<TimeSpan> AuditArchive = new("BROKER_AUDIT_S3_ARCHIVE_SECONDS", "Ledger",
        "How often new rows go to the bucket too, as compressed NDJSON with their proofs; 0 never.",
        Seconds("BROKER_AUDIT_S3_ARCHIVE_SECONDS", 0, 604_800))
    { Default = "3600", Form = "0 to 604800 seconds", Anchor = "audit-anchors" };

    public static readonly Setting<Uri> S3Endpoint = new("AWS_ENDPOINT_URL_S3", "Ledger",
        "S3 endpoint, of the s3 anchor, of inbound mail and of the data-class services, where it is not the region's "
        + "own.", HttpUrl)
    { Form = "http(s)://host[:port]", Anchor = "audit-anchors", Aliases = ["AWS_ENDPOINT_URL"], IsAddress = true };

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

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        LedgerQueue, LedgerTimeout, AuditAnchors, AuditPolicy, AuditBucket, AuditPrefix, AuditRetentionDays, AuditArchive, S3Endpoint, RefusalsPerSource, RefusalsInAll, DiskReserve,
    ];

    /// <summary>
    /// Amazon S3 User Guide, "Naming Amazon S3 objects": none of the characters to avoid, and no relative elements,
    /// which clients on the way would resolve. Narrower on purpose: ASCII without spaces.
    /// </summary>
    private static string KeyPrefix(string value)
    {
        if (value.Length > 256 || !value.EndsWith('/') || value.StartsWith('/'))
            throw new FormatException("must end in a slash and not begin with one, with at most 256 characters");
        if (value.Any(c => c is <= ' ' or > '~' || "\\{}^%`[]\"<>~#|".Contains(c, StringComparison.Ordinal)))
            throw new FormatException("must be ASCII without spaces and without \\ { } ^ % ` [ ] \" < > ~ # |");
        return value.Split('/').Any(element => element is "." or "..")
            ? throw new FormatException("must not have the elements . and ..")
            : value;
    }
}

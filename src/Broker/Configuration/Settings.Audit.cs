using Broker.Ledger.Notes;
using static Broker.Configuration.SettingForms;

namespace Broker.Configuration;

/// <content>
/// Where releases are on record beside the ledger's own file, and who else vouches for its checkpoints.
/// </content>
internal static partial class Settings
{
    public static readonly Setting<string[]> AuditAnchors = new("BROKER_AUDIT_ANCHORS", "Ledger",
        "Where releases are on record: sqlite always; s3 puts every checkpoint into a bucket with Object Lock.", List)
    { Default = "sqlite", Form = "sqlite, or sqlite,s3", Anchor = "audit-anchors" };

    public static readonly Setting<string> AuditPolicy = new("BROKER_AUDIT_POLICY", "Ledger",
        "With two anchors: dual_strict releases after both hold the entry, sqlite_primary after the ledger does, the "
        + "other following.", OneOf("dual_strict", "sqlite_primary"))
    { Default = "dual_strict", Form = "dual_strict or sqlite_primary", Anchor = "audit-policy" };

    public static readonly Setting<string> AuditBucket = new("BROKER_AUDIT_S3_BUCKET", "Ledger",
        "Bucket of the s3 anchor; made with Object Lock.", BucketName)
    { Form = BucketForm, Anchor = "audit-anchors" };

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
        "S3 endpoint of the s3 anchor, where it is not the region's own.", HttpUrl)
    { Form = "http(s)://host[:port]", Anchor = "audit-anchors", Aliases = ["AWS_ENDPOINT_URL"], IsAddress = true };

    public static readonly Setting<WitnessAddress[]> Witnesses = new("BROKER_LEDGER_WITNESSES", "Ledger",
        "Witnesses (C2SP tlog-witness) that are asked to cosign the newest checkpoint; off when empty.",
        value => [.. List(value).Select(WitnessAddress.Parse)])
    { Default = "", Form = "comma list of <submission URL>|<witness vkey>", Anchor = "witnesses", IsAddress = true };

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

/// <summary>A witness: where checkpoints are submitted, and the key that its cosignatures verify with.</summary>
internal sealed record WitnessAddress(Uri Submission, NoteKey Key)
{
    /// <exception cref="FormatException">Not of the form <c>URL|vkey</c>.</exception>
    public static WitnessAddress Parse(string text)
    {
        var bar = text.IndexOf('|', StringComparison.Ordinal);
        if (bar < 0 || !NoteKey.TryParse(text[(bar + 1)..], out var key))
            throw new FormatException("must be <submission URL>|<witness vkey>");

        // A witness answers with cosignatures and nothing else (C2SP tlog-witness, "add-checkpoint").
        if (key.Type != NoteKeyType.CosignatureV1)
            throw new FormatException("the vkey is not a witness's: its type must be 4 (cosignature/v1)");
        return new WitnessAddress(new Uri(HttpUrl(text[..bar]).AbsoluteUri.TrimEnd('/') + "/"), key);
    }
}

using Broker.Ledger.Anchors;

namespace Broker.Configuration;

/// <summary>The s3 anchor, where there is one.</summary>
internal sealed record S3Audit(S3AnchorOptions Bucket, AnchorOptions Following, string Region, Uri? Endpoint);

/// <summary>Where releases are on record beside the ledger's file, and who cosigns.</summary>
/// <param name="Anchored">The answers' member <c>anchored</c>: what holds the entry when the answer leaves.</param>
internal sealed record AuditOptions(string[] Anchored, S3Audit? S3, WitnessAddress[] Witnesses)
{
    public static AuditOptions Read(BootEnvironment boot)
    {
        // Every value is read, whatever the anchors: a typing error must not wait for the day they are turned on.
        var anchors = boot.Read(Settings.AuditAnchors);
        if (anchors is not (["sqlite"] or ["sqlite", "s3"]))
        {
            throw BootFailException.At(
                Settings.AuditAnchors, boot.Text(Settings.AuditAnchors), "must be sqlite, or sqlite,s3");
        }

        var bucket = boot.ReadOptional(Settings.AuditBucket);
        if (anchors.Length > 1 && bucket is null)
        {
            throw BootFailException.At(
                Settings.AuditBucket, null, "must name the bucket where BROKER_AUDIT_ANCHORS has s3");
        }

        var policy = boot.Read(Settings.AuditPolicy);
        var prefix = boot.ReadOptional(Settings.AuditPrefix) ?? "";
        var retention = TimeSpan.FromDays(boot.Read(Settings.AuditRetentionDays));
        var every = boot.Read(Settings.AuditArchive);
        var endpoint = boot.ReadOptional(Settings.S3Endpoint);
        var witnesses = boot.Read(Settings.Witnesses);

        if (bucket is null || anchors is ["sqlite"]) return new AuditOptions(["sqlite"], null, witnesses);

        var following = new AnchorOptions
        {
            Policy = policy == "dual_strict" ? AnchorPolicy.DualStrict : AnchorPolicy.SqlitePrimary,
            Timeout = boot.Read(Settings.LedgerTimeout),
            ArchiveEvery = every > TimeSpan.Zero ? every : null,
        };
        return new AuditOptions(
            following.Policy == AnchorPolicy.DualStrict ? anchors : ["sqlite"],
            new S3Audit(
                new S3AnchorOptions { Bucket = bucket, Prefix = prefix, Retention = retention },
                following, boot.Read(Settings.Region), endpoint),
            witnesses);
    }
}

using Broker.AwsAccount;
using Broker.Foundation.Settings;
using Broker.Ledger.Anchors;

namespace Broker.LedgerHosting;

/// <summary>The s3 anchor, where there is one.</summary>
internal sealed record S3Audit(S3AnchorOptions Bucket, AnchorOptions Following, string Region, Uri? Endpoint);

/// <summary>Where releases are on record beside the ledger's file.</summary>
/// <param name="Anchored">The answers' member <c>anchored</c>: what holds the entry when the answer leaves.</param>
internal sealed record AuditOptions(string[] Anchored, S3Audit? S3)
{
    /// <param name="account">Null where its settings could not be read.</param>
    public static AuditOptions Read(BootEnvironment boot, AwsAccountOptions? account)
    {
        // Every value is read, whatever the anchors: a typing error must not wait for the day they are turned on.
        var anchors = boot.Read(LedgerSettings.AuditAnchors);
        if (anchors is not (["sqlite"] or ["sqlite", "s3"]))
        {
            throw BootFailException.At(
                LedgerSettings.AuditAnchors, boot.Text(LedgerSettings.AuditAnchors), "must be sqlite, or sqlite,s3");
        }

        var bucket = boot.ReadOptional(LedgerSettings.AuditBucket);
        if (anchors.Length > 1 && bucket is null)
        {
            throw BootFailException.At(
                LedgerSettings.AuditBucket, null, "must name the bucket where BROKER_AUDIT_ANCHORS has s3");
        }

        var policy = boot.Read(LedgerSettings.AuditPolicy);
        var prefix = boot.ReadOptional(LedgerSettings.AuditPrefix) ?? "";
        var retention = TimeSpan.FromDays(boot.Read(LedgerSettings.AuditRetentionDays));
        var every = boot.Read(LedgerSettings.AuditArchive);
        var endpoint = boot.ReadOptional(LedgerSettings.S3Endpoint);

        if (bucket is null || anchors is ["sqlite"]) return new AuditOptions(["sqlite"], null);

        var following = new AnchorOptions
        {
            Policy = policy,
            Timeout = boot.Read(LedgerSettings.LedgerTimeout),
            ArchiveEvery = every > TimeSpan.Zero ? every : null,
        };
        return new AuditOptions(
            following.Policy == AnchorPolicy.DualStrict ? anchors : ["sqlite"],
            new S3Audit(
                new S3AnchorOptions { Bucket = bucket, Prefix = prefix, Retention = retention },
                following, account?.Region ?? "", endpoint));
    }
}

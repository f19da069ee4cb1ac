using Broker.AwsAccount;
using Broker.Foundation.Settings;
using Broker.Ledger.Anchors;
using Broker.Ledger.S3;
using Broker.Modules;
using FluentValidation;

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
        var bucket = boot.ReadOptional(LedgerSettings.AuditBucket);
        new Places(anchors, boot.Text(LedgerSettings.AuditAnchors), bucket).Obeying(new PlaceRules());
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

    private sealed record Places(string[] Anchors, string? AsGiven, string? Bucket);

    private sealed class PlaceRules : AbstractValidator<Places>
    {
        public PlaceRules()
        {
            ClassLevelCascadeMode = CascadeMode.Stop;
            RuleFor(places => places.Anchors).Must(anchors => anchors is ["sqlite"] or ["sqlite", "s3"])
                .WithMessage("must be sqlite, or sqlite,s3")
                .At(LedgerSettings.AuditAnchors, places => places.AsGiven);
            RuleFor(places => places.Bucket).NotNull()
                .When(places => places.Anchors.Length > 1, ApplyConditionTo.CurrentValidator)
                .WithMessage("must name the bucket where BROKER_AUDIT_ANCHORS has s3")
                .At(LedgerSettings.AuditBucket, _ => null);
        }
    }
}

using System.Diagnostics.Metrics;
using Broker.AwsAccount;
using Broker.Foundation.Results;
using Broker.Foundation.Settings;
using Broker.Issuer;
using Broker.Kms.Records;
using Broker.Ledger;
using Broker.Ledger.Refusals;
using Broker.Ledger.Writing;
using Broker.Metrics;
using Broker.Modules;
using Broker.SigningKeys;
using Broker.Storage;

namespace Broker.LedgerHosting;

/// <summary>The ledger, its second anchor, and the disk that it lies on.</summary>
internal sealed class LedgerModule : BrokerModule
{
    public override IReadOnlyList<Setting> Settings => LedgerSettings.All;

    public override IReadOnlyList<RefusalCode> Refusals => LedgerRefusals.All;

    public override void Read(ModuleStart start)
    {
        start.Read(LedgerFileOptions.Read);
        start.Read(boot => AuditOptions.Read(boot, start.Find<AwsAccountOptions>()));
    }

    public override void AddServices(IServiceCollection services, ModuleStart start)
    {
        var audit = start.Get<AuditOptions>();
        var anchor = audit.S3 is { } s3 ? S3Anchor.Connect(s3, start.Get<AwsAccountOptions>().Keys, start.Time) : null;
        var (path, files, kinds) = (start.Get<StorageOptions>().LedgerPath, start.Get<LedgerFileOptions>(), KindsOf(start));
        var (origin, keys) = (OriginOf(start), start.Get<LedgerKeys>());
        var ledger = HostedLedger.Open(
            path, files, keys.SignersOf(origin), kinds, start.Time, anchor, audit.S3?.Following);
        services.AddLedger(ledger, path, files, kinds, start.Time);
        keys.Changed = changed => ledger.SignWith(changed.SignersOf(origin));
    }

    /// <summary>A process without the broker has no issuer of its own, but may name the broker's.</summary>
    private static string OriginOf(ModuleStart start) => start.Find<IssuerOptions>() is { } issuer
        ? LedgerOrigin.Of(issuer)
        : LedgerOrigin.Of(start.Boot);

    private static EntryKinds KindsOf(ModuleStart start) =>
        new(start.Modules.SelectMany(module => module.EntryKinds).Concat(KmsEntryKinds.All));

    public override IEnumerable<ReadinessCheck> CheckReadiness(IServiceProvider services)
    {
        var ledger = services.GetRequiredService<ReleaseLedger>();
        yield return LedgerReadiness.Of(ledger.Status);
        yield return LedgerReadiness.Of(services.GetRequiredService<DiskReserve>());
        if (ledger.AnchorStatus is { } anchor)
            yield return LedgerReadiness.Of(anchor, services.GetRequiredService<AuditOptions>());
    }

    public override IEnumerable<Instrument> Metrics(IServiceProvider services)
    {
        const string Prefix = "agentkeys_broker_";
        var meter = services.GetRequiredService<Meter>();
        var ledger = services.GetRequiredService<ReleaseLedger>();
        var refusals = services.GetRequiredService<RefusalRecorder>();
        var disk = services.GetRequiredService<DiskReserve>();
        yield return meter.Counter(Prefix + "audit_writes_total", "Commits of the ledger.",
            () => ledger.Status.Commits);
        yield return meter.Counter(Prefix + "audit_writes_failed_total", "Commits of the ledger that failed.",
            () => ledger.Status.Failures);
        yield return meter.Gauge(Prefix + "ledger_entries", "Entries in the ledger.",
            () => ledger.Status.Size);
        yield return meter.Gauge(Prefix + "ledger_queue_depth", "Entries that wait for the disk.",
            () => ledger.Status.QueueDepth);
        yield return meter.Gauge(Prefix + "ledger_queue_capacity", "Entries that may wait.",
            () => ledger.Status.QueueCapacity);
        yield return meter.Gauge(Prefix + "ledger_index_behind",
            "Entries that look-ups find in the log, for want of the index that follows it.",
            () => ledger.Status.IndexBehind);
        yield return meter.Counter(Prefix + "refusals_counted_total",
            "Refusals beyond what is recorded one by one; the ledger has their sum.",
            () => refusals.Counted);
        yield return meter.Gauge(Prefix + "disk_free_bytes", "Free on the ledger's volume.", () => disk.Free);
        yield return meter.Gauge(Prefix + "disk_reserve_bytes", "Kept for releases, revocations and sign-outs.",
            () => disk.Bytes);
        if (ledger.AnchorStatus is null) yield break;
        yield return meter.Gauge(Prefix + "anchor_behind", "Entries that the second anchor is not known to hold.",
            () => ledger.AnchorStatus?.Behind ?? 0);
        yield return meter.Gauge(Prefix + "anchor_quarantined", "Entries set aside for an operator.",
            () => ledger.AnchorStatus?.Quarantined ?? 0);
    }

    public override Refusal? Explain(Exception fault) => fault switch
    {
        LedgerUnavailableException { Fault: LedgerFault.Busy } busy =>
            new Refusal(LedgerRefusals.LedgerBusy, "the ledger's queue is full; nothing was released")
            {
                RetryAfter = busy.RetryAfter,
            },
        LedgerUnavailableException { Fault: LedgerFault.WriteFailed } =>
            new Refusal(LedgerRefusals.LedgerWriteFailed,
                "the ledger could not be written; refusing to release credentials"),
        LedgerUnavailableException { Fault: LedgerFault.NotAnchored } =>
            new Refusal(LedgerRefusals.AnchorWriteFailed,
                "audit anchor write failed; refusing to release credentials"),
        LedgerUnavailableException slow =>
            new Refusal(LedgerRefusals.LedgerTimedOut, "the ledger did not answer in time; nothing was released")
            {
                RetryAfter = slow.RetryAfter,
            },
        _ => null,
    };
}

using Broker.Ledger;
using Broker.Ledger.Anchors;
using Broker.Ledger.Refusals;
using Broker.Modules;

namespace Broker.LedgerHosting;

/// <summary>What the ledger, its disk and its second anchor say of themselves in <c>/readyz</c>.</summary>
internal static class LedgerReadiness
{
    public static ReadinessCheck Of(LedgerStatus status) => status switch
    {
        { LastFault: { } fault } =>
            new ReadinessCheck("sqlite", Readiness.Unready, $"the newest commit failed: {fault}"),
        { IsReady: false } =>
            new ReadinessCheck("sqlite", Readiness.Unready, $"the queue is full ({status.QueueDepth} entries)"),
        { IndexFault: { } fault } =>
            new ReadinessCheck(
                "sqlite", Readiness.Degraded, $"look-ups are slow, the index cannot be written: {fault}"),
        _ => new ReadinessCheck("sqlite", Readiness.Ready),
    };

    /// <summary>Warns before the reserve is reached, and says when it is: releases go on in either case.</summary>
    public static ReadinessCheck Of(DiskReserve disk) => disk switch
    {
        { IsReached: true } => new ReadinessCheck("disk", Readiness.Degraded,
            $"{Mebibytes(disk.Free)} MiB are free, less than the reserve of {Mebibytes(disk.Bytes)}: only releases, "
            + "revocations and sign-outs are written"),
        { IsNear: true } => new ReadinessCheck("disk", Readiness.Degraded,
            $"{Mebibytes(disk.Free)} MiB are free, less than twice the reserve of {Mebibytes(disk.Bytes)}"),
        _ => new ReadinessCheck("disk", Readiness.Ready),
    };

    /// <summary>
    /// An anchor that fails holds releases back under dual_strict, and is only behind under sqlite_primary.
    /// </summary>
    public static ReadinessCheck Of(AnchorStatus anchor, AuditOptions audit) => anchor switch
    {
        { LastFault: null, Quarantined: 0 } => new ReadinessCheck(anchor.Name, Readiness.Ready),
        { LastFault: null } =>
            new ReadinessCheck(anchor.Name, Readiness.Degraded, $"{anchor.Quarantined} entries were set aside"),
        _ => new ReadinessCheck(
            anchor.Name, audit.Anchored.Contains(anchor.Name) ? Readiness.Unready : Readiness.Degraded,
            $"{anchor.Behind} entries behind: {anchor.LastFault}"),
    };

    private static long Mebibytes(long bytes) => bytes / (1024 * 1024);
}

using Broker.Aws;
using Broker.Configuration;
using Broker.Ledger;
using Broker.Ledger.Anchors;
using Broker.Ledger.Refusals;
using Broker.Storage;
using Microsoft.Data.Sqlite;

namespace Broker.Operations;

/// <summary>How ready a part is (contract §2.3).</summary>
internal enum Readiness
{
    Ready,
    Degraded,
    Unready,
}

/// <summary>One part's word on itself. Nothing is ready by default: each check proves it or says why not.</summary>
internal sealed record ReadinessCheck(string Name, Readiness Status, string Reason = "");

/// <summary>Asks every part whether it can do its work now.</summary>
internal sealed class ReadinessChecks(
    ReleaseLedger ledger, StateDatabase state, DiskReserve disk, Tier2Checks tier2, BrokerOptions options)
{
    public IReadOnlyList<ReadinessCheck> All()
    {
        var storage = CheckState();
        var checks = new List<ReadinessCheck>
        {
            CheckLedger(),
            storage with { Name = "wallet_sig" },
            storage with { Name = "client_keystore" },
            CheckDisk(),
        };
        if (ledger.AnchorStatus is { } anchor) checks.Add(CheckAnchor(anchor));
        if (options.Backend is not null) checks.Add(tier2.Backend);
        if (options.Aws.Mode == StsMode.AssumeRole) checks.Add(tier2.Sts);
        return checks;
    }

    private ReadinessCheck CheckLedger()
    {
        var status = ledger.Status;
        return status switch
        {
            { LastFault: { } fault } =>
                new ReadinessCheck("sqlite", Readiness.Unready, $"the newest commit failed: {fault}"),
            { IsReady: false } =>
                new ReadinessCheck("sqlite", Readiness.Unready, $"the queue is full ({status.QueueDepth} entries)"),
            _ => new ReadinessCheck("sqlite", Readiness.Ready),
        };
    }

    /// <summary>Warns before the reserve is reached, and says when it is: releases go on in either case.</summary>
    private ReadinessCheck CheckDisk() => disk switch
    {
        { IsReached: true } => new ReadinessCheck("disk", Readiness.Degraded,
            $"{Mebibytes(disk.Free)} MiB are free, less than the reserve of {Mebibytes(disk.Bytes)}: only releases, "
            + "revocations and sign-outs are written"),
        { IsNear: true } => new ReadinessCheck("disk", Readiness.Degraded,
            $"{Mebibytes(disk.Free)} MiB are free, less than twice the reserve of {Mebibytes(disk.Bytes)}"),
        _ => new ReadinessCheck("disk", Readiness.Ready),
    };

    private static long Mebibytes(long bytes) => bytes / (1024 * 1024);

    /// <summary>
    /// An anchor that fails holds releases back under dual_strict, and is only behind under sqlite_primary.
    /// </summary>
    private ReadinessCheck CheckAnchor(AnchorStatus anchor) => anchor switch
    {
        { LastFault: null, Quarantined: 0 } => new ReadinessCheck(anchor.Name, Readiness.Ready),
        { LastFault: null } =>
            new ReadinessCheck(anchor.Name, Readiness.Degraded, $"{anchor.Quarantined} entries were set aside"),
        _ => new ReadinessCheck(
            anchor.Name, options.Audit.Anchored.Contains(anchor.Name) ? Readiness.Unready : Readiness.Degraded,
            $"{anchor.Behind} entries behind: {anchor.LastFault}"),
    };

    private ReadinessCheck CheckState()
    {
        try
        {
            state.ProbeWrite();
            return new ReadinessCheck("state", Readiness.Ready);
        }
        catch (SqliteException fault)
        {
            return new ReadinessCheck("state", Readiness.Unready,
                $"the state database cannot be written (SQLite error {fault.SqliteErrorCode})");
        }
    }
}

using Broker.Foundation.Results;
using Broker.Modules;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Broker.LedgerHosting;

/// <summary>Why nothing leaves: the ledger cannot hold it. None is recorded, for want of the ledger.</summary>
internal static class LedgerRefusals
{
    public static readonly RefusalCode LedgerWriteFailed = new(
        "ledger_write_failed", "audit_error", Status500InternalServerError, Refused.AskOperator, null);

    public static readonly RefusalCode LedgerBusy = new(
        "ledger_busy", "audit_error", Status503ServiceUnavailable, Refused.TryLater, null);

    public static readonly RefusalCode LedgerTimedOut = new(
        "ledger_timed_out", "audit_error", Status503ServiceUnavailable, Refused.TryLater, null);

    public static readonly RefusalCode AnchorWriteFailed = new(
        "anchor_write_failed", "audit_error", Status500InternalServerError, Refused.TryLater, null);

    public static readonly RefusalCode DiskReserveReached = new(
        "disk_reserve_reached", "internal", Status503ServiceUnavailable, Refused.TryLater, null);

    /// <summary>What only begins something is refused there: the last of the disk is for releases and sign-outs.
    /// </summary>
    public static Refusal DiskIsNearlyFull() => new(DiskReserveReached, "the broker's disk is nearly full")
    {
        RetryAfter = TimeSpan.FromMinutes(1),
    };

    /// <summary>Every code of this feature.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        LedgerWriteFailed, LedgerBusy, LedgerTimedOut, AnchorWriteFailed, DiskReserveReached,
    ];
}

using Broker.Attestation.SevSnp.Reports;

namespace Broker.Attestation.SevSnp.Verification;

/// <summary>
/// What verification found: a <see cref="VerifiedReport"/> or a <see cref="RefusedReport"/>, and nothing between. No
/// <c>Result</c>: a refused report is shown too, and its codes are the field's own.
/// </summary>
public abstract record SnpVerdict
{
    private protected SnpVerdict()
    {
    }
}

/// <summary>The report is not to be believed.</summary>
/// <param name="Report">The report as read, for display only; null when the bytes are not a report.</param>
public sealed record RefusedReport(SnpRefusal Refusal, SnpReport? Report) : SnpVerdict;

/// <summary>
/// The report was made by a genuine processor, and its guest is closed to its host. Whether the guest is the expected
/// one, and what MEASUREMENT and HOST_DATA stand for, is for the caller.
/// </summary>
public sealed record VerifiedReport : SnpVerdict
{
    internal VerifiedReport()
    {
    }

    public required SnpReport Report { get; init; }

    public required ProcessorFamily Family { get; init; }

    /// <summary>What the leaf certifies.</summary>
    public required TcbLevels ReportedTcb { get; init; }

    public required TcbLevels CurrentTcb { get; init; }

    public required TcbLevels CommittedTcb { get; init; }

    public required TcbLevels LaunchTcb { get; init; }

    /// <summary>Whom a VLEK was given to; null for a VCEK.</summary>
    public required string? CloudProvider { get; init; }

    /// <summary>Whether a revocation list was part of the verdict.</summary>
    public required bool HasRevocationList { get; init; }

    /// <summary>The verdict holds from here, inclusive: the latest start among its certificates.</summary>
    public required DateTimeOffset ValidFrom { get; init; }

    /// <summary>The verdict holds until here, inclusive: the earliest end of a certificate or list.</summary>
    public required DateTimeOffset ValidUntil { get; init; }

    /// <summary>
    /// dstack's word: <c>UpToDate</c> when all four levels are equal, else <c>OutOfDate</c>. It says that the host is
    /// consistent, and not that its firmware is recent; <see cref="SnpPolicy.MinimumTcb"/> does that.
    /// </summary>
    public string TcbStatus
        => CurrentTcb == ReportedTcb && CommittedTcb == ReportedTcb && LaunchTcb == ReportedTcb
            ? "UpToDate"
            : "OutOfDate";
}

namespace Broker.Ledger.Anchors;

/// <summary>When a release may leave.</summary>
public enum AnchorPolicy
{
    /// <summary>After the ledger and the anchor hold it.</summary>
    DualStrict,

    /// <summary>After the ledger holds it; the anchor follows, and is tried until it does.</summary>
    SqlitePrimary,
}

/// <summary>How the second place is kept in step.</summary>
public sealed record AnchorOptions
{
    public AnchorPolicy Policy { get; init; } = AnchorPolicy.DualStrict;

    /// <summary>Under <see cref="AnchorPolicy.DualStrict"/> no request waits longer for the anchor.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>First pause after a failure; it doubles up to <see cref="LongestPause"/>.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>An entry that the anchor has not confirmed after so long is set aside for an operator.</summary>
    public TimeSpan QuarantineAfter { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How often new entries are archived with their proofs; null never.</summary>
    public TimeSpan? ArchiveEvery { get; init; }
}

/// <summary>How the anchor is doing, for readiness and metrics.</summary>
/// <param name="Name">The anchor.</param>
/// <param name="AnchoredSize">Entries covered by the newest checkpoint that it is known to hold.</param>
/// <param name="Behind">Entries on record that it is not known to cover.</param>
/// <param name="LastAnchoredAt">When it last confirmed; null before the first time.</param>
/// <param name="LastFault">Why the newest attempt failed; null once one has succeeded again.</param>
/// <param name="Quarantined">Entries set aside since this process opened the ledger.</param>
/// <param name="Waiting">Releases that wait for it at this moment.</param>
public sealed record AnchorStatus(
    string Name, long AnchoredSize, long Behind, DateTimeOffset? LastAnchoredAt, string? LastFault, long Quarantined,
    int Waiting);

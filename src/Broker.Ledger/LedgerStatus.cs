namespace Broker.Ledger;

/// <summary>How the ledger is doing, for readiness and metrics.</summary>
/// <param name="Size">Entries on record.</param>
/// <param name="QueueDepth">Entries that wait for the writer.</param>
/// <param name="QueueCapacity">How many may wait.</param>
/// <param name="Commits">Commits since this process opened the ledger.</param>
/// <param name="LastCommitAt">When the last commit returned; null before the first.</param>
/// <param name="LastCommitDuration">How long it took, from the first insert until it was durable.</param>
/// <param name="LastBatchSize">How many entries it took along.</param>
/// <param name="Failures">Commits that failed since this process opened the ledger.</param>
/// <param name="LastFault">
/// Why the newest commit failed; null once one has succeeded again, or the file is found fit.
/// </param>
/// <param name="LastFaultAt">When it failed.</param>
/// <param name="IndexBehind">Entries that look-ups find in the log, for want of the index that follows it.</param>
/// <param name="IndexFault">Why the index does not follow; null while it does.</param>
public sealed record LedgerStatus(
    long Size,
    int QueueDepth,
    int QueueCapacity,
    long Commits,
    DateTimeOffset? LastCommitAt,
    TimeSpan LastCommitDuration,
    int LastBatchSize,
    long Failures,
    string? LastFault,
    DateTimeOffset? LastFaultAt,
    long IndexBehind,
    string? IndexFault)
{
    /// <summary>True while no fault of a commit stands and the queue is not full.</summary>
    public bool IsReady => LastFault is null && QueueDepth < QueueCapacity;
}

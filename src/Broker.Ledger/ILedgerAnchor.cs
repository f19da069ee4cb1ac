namespace Broker.Ledger;

/// <summary>
/// A second place that keeps what the ledger committed to, out of reach of whoever holds the file. A checkpoint fixes
/// every entry before it, so anchoring the newest one anchors them all.
/// </summary>
public interface ILedgerAnchor
{
    /// <summary>The anchor's name in settings, receipts and metrics, such as <c>s3</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Puts a signed checkpoint there. Returns after it is durable there; doing it twice does no harm.
    /// </summary>
    /// <exception cref="AnchorFailedException">It is not known to be there.</exception>
    Task<AnchorReceipt> AnchorAsync(AnchoredCheckpoint checkpoint, CancellationToken stop);

    /// <summary>Puts a run of entries with their proofs there, compressed; see <see cref="RowArchive"/>.</summary>
    /// <exception cref="AnchorFailedException">It is not known to be there.</exception>
    Task<AnchorReceipt> ArchiveAsync(RowArchive archive, CancellationToken stop);
}

/// <summary>A checkpoint to anchor.</summary>
/// <param name="Size">Entries that it covers.</param>
/// <param name="Note">The signed note.</param>
public sealed record AnchoredCheckpoint(long Size, string Note);

/// <summary>
/// Entries by row id, first and last included, as gzip of NDJSON: one object a line with <c>entry</c> (the canonical
/// bytes as they are), <c>leaf_hash</c> and <c>receipt</c> (tlog-proof).
/// </summary>
public sealed record RowArchive(long FirstId, long LastId, byte[] Content);

/// <summary>What an anchor gives in exchange.</summary>
/// <param name="Anchor">The anchor's name.</param>
/// <param name="Detail">Where it lies, as a JSON object.</param>
/// <param name="AnchoredAt">When it was known to be there.</param>
public sealed record AnchorReceipt(string Anchor, string Detail, DateTimeOffset AnchoredAt);

/// <summary>The anchor could not be reached, or refused.</summary>
public sealed class AnchorFailedException(string message, Exception? cause = null) : Exception(message, cause);

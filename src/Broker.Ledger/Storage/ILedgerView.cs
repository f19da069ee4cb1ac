using Broker.Ledger.Merkle;

namespace Broker.Ledger.Storage;

/// <summary>
/// Reads a ledger. Each call sees all that was committed before it began; a long reading is made of many calls, so that
/// it keeps nothing from being written. For one thread at a time.
/// </summary>
public interface ILedgerView : IDisposable
{
    /// <summary>Size and note of the newest checkpoint; size 0 and an empty note for a new ledger.</summary>
    (long Size, string Note) NewestCheckpoint();

    /// <summary>The note of the commit that ended at this size; null when none did.</summary>
    string? CheckpointAt(long size);

    /// <summary>The row with this id.</summary>
    LedgerRow? At(long id);

    /// <summary>The rows with ids in (<paramref name="afterId"/>, <paramref name="lastId"/>], in order.</summary>
    IReadOnlyList<LedgerRow> Range(long afterId, long lastId);

    /// <summary>The row of a record id.</summary>
    LedgerRow? Find(string recordId);

    /// <summary>
    /// The rows that match, at most <paramref name="limit"/>, with ids beyond the given one in the filter's direction.
    /// </summary>
    IReadOnlyList<LedgerRow> Page(LedgerFilter filter, long beyondId, int limit);

    /// <summary>
    /// The tile's first <paramref name="width"/> hashes with all nodes above them: from a stored tile where it is full,
    /// else from the rows and the tiles below.
    /// </summary>
    /// <exception cref="InvalidDataException">The ledger is damaged.</exception>
    TileNodes Tile(int level, long number, int width);

    /// <summary>The keys that signed, as vkeys, in the order of their use.</summary>
    IReadOnlyList<string> Keys();

    /// <summary>Counts what is there; reads all of it.</summary>
    LedgerStatistics Statistics();

    /// <summary>How far the ledger goes, all of it seen at one moment.</summary>
    LedgerExtent Extent();

    /// <summary>Checkpoints as stored, with sizes in (<paramref name="afterSize"/>, <paramref name="upTo"/>].</summary>
    IReadOnlyList<StoredCheckpoint> Checkpoints(long afterSize, long upTo, int limit);

    /// <summary>A full tile as stored; null when it is not there.</summary>
    StoredTile? StoredTile(int level, long number);

    /// <summary>
    /// What is wrong with the rules that keep the store append-only, and what lies where no commit of a ledger of this
    /// size could have put it.
    /// </summary>
    IEnumerable<LedgerFinding> CheckRules(long covered);
}

/// <summary>How far a ledger goes.</summary>
/// <param name="FirstId">The smallest row id; 1 where there is no row.</param>
/// <param name="LastId">The greatest row id; 0 where there is no row.</param>
/// <param name="Covered">Size of the newest checkpoint.</param>
public sealed record LedgerExtent(long FirstId, long LastId, long Covered);

/// <summary>A checkpoint as it stands in the store, right or wrong.</summary>
public sealed record StoredCheckpoint(long Size, byte[] Root, string Note);

/// <summary>A tile as it stands in the store, right or wrong.</summary>
public sealed record StoredTile(byte[] Root, byte[] Hashes);

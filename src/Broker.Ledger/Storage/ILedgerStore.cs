using Broker.Ledger.Merkle;
using Broker.Ledger.Notes;

namespace Broker.Ledger.Storage;

/// <summary>
/// Where rows, tiles and checkpoints are kept. One writer uses it from one thread:
/// <see cref="Begin"/>, the inserts of a batch, <see cref="Commit"/> or <see cref="Rollback"/>.
/// Every fault is thrown; after one the batch is over and <see cref="Rollback"/> is called.
/// </summary>
internal interface ILedgerStore : IDisposable
{
    /// <summary>Reads where the ledger stands: its size, its newest checkpoint and the tree's right edge.</summary>
    LedgerHead Load();

    /// <summary>The root that the stored checkpoint of this size holds; null when no commit ended there.</summary>
    MerkleHash? RootAt(long size);

    /// <summary>Takes the write lock.</summary>
    void Begin();

    /// <summary>Inserts a row. False when its record id is on record already; the batch goes on without it.</summary>
    bool TryInsert(LedgerColumns entry, long id, in MerkleHash leaf);

    void InsertTile(FullTile tile);

    void InsertCheckpoint(Checkpoint checkpoint, string note, DateTimeOffset now);

    /// <summary>Returns after everything since <see cref="Begin"/> is durable.</summary>
    void Commit();

    /// <summary>
    /// Keeps the key that signs from now on, once. Commits in any case, so that it shows whether the file can be
    /// written.
    /// </summary>
    void KeepKey(NoteKey key);

    /// <summary>Commits something that changes nothing: returns when the file can be written.</summary>
    void Probe();

    /// <summary>Undoes what was not committed. Does not throw.</summary>
    void Rollback();

    /// <summary>
    /// After a write failed because the disk is full: gives back the space that is not needed to hold the entries.
    /// True when there was some. No transaction is open.
    /// </summary>
    bool TryMakeRoom();

    /// <summary>Drops the connection and opens a new one, for when the old one cannot be trusted.</summary>
    void Reconnect();
}

/// <summary>Where a ledger stands.</summary>
/// <param name="Size">Number of rows, and of leaves.</param>
/// <param name="Root">Root of the tree, computed from its right edge.</param>
/// <param name="Note">The newest signed checkpoint; empty for a new ledger.</param>
/// <param name="Edge">The tree, ready to grow.</param>
internal sealed record LedgerHead(long Size, MerkleHash Root, string Note, RightEdge Edge);

using Broker.Ledger.Merkle;
using Broker.Ledger.Notes;

namespace Broker.Ledger.Storage;

/// <summary>
/// Where rows, tiles and checkpoints are kept: the one thing that a ledger asks of a database. Entries, tree, notes and
/// proofs are made above it.
/// </summary>
/// <remarks>
/// <para>
/// <see cref="Commit"/> is a compare-and-swap of the head: all of a commit is on record, or nothing of it is, and only
/// if the ledger still stands where the writer believes. So a second writer can never fork the tree: its commit is
/// refused, it loads the head and goes on from there.
/// </para>
/// <para>
/// <see cref="Load"/>, <see cref="Commit"/>, <see cref="KeepKey"/> and <see cref="Probe"/> are called by one thread at
/// a time; <see cref="OpenView"/> from any. Faults of the database are thrown as <see cref="LedgerStoreException"/>;
/// after one, nothing is known of the commit until <see cref="Load"/> has said where the ledger stands.
/// </para>
/// </remarks>
public interface ILedgerStore : IDisposable
{
    /// <summary>
    /// Whether the second anchor holds the entries; null where the store was opened without an anchor.
    /// </summary>
    IAnchorStates? AnchorStates { get; }

    /// <summary>How the store is doing, from any thread.</summary>
    StoreStatus Status { get; }

    /// <summary>
    /// Reads where the ledger stands, from its right edge alone: what it takes does not grow with the ledger. Takes up
    /// a connection that a fault has broken.
    /// </summary>
    /// <exception cref="LedgerOpenException">Rows, tiles and checkpoint do not fit together.</exception>
    LedgerHead Load();

    /// <summary>Puts a commit on record. Returns after all of it is durable.</summary>
    /// <exception cref="LedgerHeadMovedException">The ledger stands elsewhere; nothing was written.</exception>
    /// <exception cref="LedgerStoreException">It is not known to be on record.</exception>
    void Commit(LedgerCommit commit);

    /// <summary>
    /// Keeps the key that signs from now on, once. Commits in any case, so that it shows whether the ledger can be
    /// written.
    /// </summary>
    void KeepKey(NoteKey key);

    /// <summary>Commits something that changes nothing: returns when the ledger can be written.</summary>
    void Probe();

    /// <summary>A view for one thread at a time, which sees what is committed and nothing else.</summary>
    ILedgerView OpenView();
}

/// <summary>Where a ledger stands, with all that a process needs to go on from there.</summary>
/// <param name="Size">Number of rows, and of leaves.</param>
/// <param name="Root">Root of the tree, computed from its right edge.</param>
/// <param name="Note">The newest signed checkpoint; empty for a new ledger.</param>
/// <param name="Edge">The tree, ready to grow. The caller's own.</param>
public sealed record LedgerHead(long Size, MerkleHash Root, string Note, RightEdge Edge);

/// <summary>How a store is doing.</summary>
/// <param name="IndexBehind">Entries that look-ups find in the log, for want of the index that follows it.</param>
/// <param name="IndexFault">Why the index does not follow; null while it does.</param>
public sealed record StoreStatus(long IndexBehind, string? IndexFault);

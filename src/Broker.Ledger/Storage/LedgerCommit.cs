using Broker.Ledger.Merkle;
using Broker.Ledger.Notes;

namespace Broker.Ledger.Storage;

/// <summary>All that one commit puts on record. Valid during the call that it is given to.</summary>
public sealed class LedgerCommit
{
    /// <summary>Where the ledger stands: its newest checkpoint, of which the store's must be the same.</summary>
    public required long ExpectedSize { get; init; }

    /// <inheritdoc cref="ExpectedSize"/>
    public required MerkleHash ExpectedRoot { get; init; }

    /// <summary>The new rows; the first has the id <see cref="ExpectedSize"/> + 1, and so on without a gap.</summary>
    public required IReadOnlyList<NewRow> Rows { get; init; }

    /// <summary>The tiles that the rows fill, each for the first and last time.</summary>
    public required IReadOnlyList<FullTile> Tiles { get; init; }

    /// <summary>The tree with the new rows.</summary>
    public required Checkpoint Checkpoint { get; init; }

    /// <summary>The signed note of <see cref="Checkpoint"/>.</summary>
    public required string Note { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <summary>A row to be written.</summary>
public readonly record struct NewRow(EncodedEntry Entry, MerkleHash Leaf);

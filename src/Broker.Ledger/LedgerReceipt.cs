namespace Broker.Ledger;

/// <summary>What the ledger gives for an entry that is on disk.</summary>
public sealed class LedgerReceipt
{
    internal LedgerReceipt(string recordId, long index)
    {
        RecordId = recordId;
        Index = index;
    }

    /// <summary>The entry's <see cref="LedgerEntry.RecordId"/>.</summary>
    public string RecordId { get; }

    /// <summary>Zero-based position of the entry's leaf in the tree; the row's <c>id</c> is one more.</summary>
    public long Index { get; }
}

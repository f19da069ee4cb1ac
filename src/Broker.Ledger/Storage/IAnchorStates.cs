namespace Broker.Ledger.Storage;

/// <summary>
/// Whether the anchor holds an entry: <c>pending</c>, then <c>confirmed</c> or <c>quarantined</c>. A store notes an
/// entry as pending in the transaction that writes it; a state is left once and for all.
/// </summary>
public interface IAnchorStates
{
    /// <summary>Record ids that are pending, oldest first, at most a hundred.</summary>
    IReadOnlyList<string> Pending();

    /// <summary>Record ids that were set aside, oldest first, at most a hundred.</summary>
    IReadOnlyList<string> Quarantined();

    /// <summary>Every pending row up to this id is held by the anchor. Once more changes nothing.</summary>
    void Confirm(long upToRowId, string receipt);

    /// <summary>Pending rows of before this moment are set aside, with the reason. Returns how many.</summary>
    long Quarantine(DateTimeOffset mintedBefore, string reason);

    /// <summary>The last row id that is archived; 0 at the beginning.</summary>
    long ArchivedTo();

    void RecordArchive(RowArchive archive, AnchorReceipt receipt);
}

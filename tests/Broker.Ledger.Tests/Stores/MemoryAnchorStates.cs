using Broker.Ledger.Storage;

namespace Broker.Ledger.Tests.Stores;

/// <summary>Whether the anchor holds the entries of a store in memory.</summary>
internal sealed class MemoryAnchorStates(MemoryLedger ledger) : IAnchorStates
{
    public IReadOnlyList<string> Pending() => Ids("pending");

    public IReadOnlyList<string> Quarantined() => Ids("quarantined");

    public void Confirm(long upToRowId, string receipt) => Leave(row => row.Id <= upToRowId, "confirmed");

    public long Quarantine(DateTimeOffset mintedBefore, string reason) =>
        Leave(row => row.Columns.MintedAt < mintedBefore.ToUnixTimeSeconds(), "quarantined");

    public long ArchivedTo() => ledger.Contents.Archives is [.., var last] ? last : 0;

    public void RecordArchive(RowArchive archive, AnchorReceipt receipt) =>
        ledger.Change(before => before with { Archives = before.Archives.Add(archive.LastId) });

    private List<string> Ids(string state)
    {
        var contents = ledger.Contents;
        return [.. contents.Rows.Where(row => contents.Anchored.GetValueOrDefault(row.Id) == state)
            .Select(row => row.Columns.RecordId).Take(100)];
    }

    private long Leave(Func<LedgerRow, bool> which, string state)
    {
        var left = 0L;
        ledger.Change(before =>
        {
            var ids = before.Rows
                .Where(row => which(row) && before.Anchored.GetValueOrDefault(row.Id) == "pending")
                .Select(row => KeyValuePair.Create(row.Id, state)).ToList();
            left = ids.Count;
            return before with { Anchored = before.Anchored.SetItems(ids) };
        });
        return left;
    }
}

using Broker.Ledger.Merkle;
using Broker.Ledger.Storage;

namespace Broker.Ledger.Tests.Stores;

/// <summary>Reads a store in memory; each call sees the newest contents.</summary>
internal sealed class MemoryView(MemoryLedger ledger) : ILedgerView
{
    private MemoryContents Contents => ledger.Contents;

    public (long Size, string Note) NewestCheckpoint() => (Contents.Newest.Size, Contents.Newest.Note);

    public string? CheckpointAt(long size) => Contents.Checkpoints.GetValueOrDefault(size)?.Note;

    public LedgerRow? At(long id) => id > 0 && id <= Contents.Rows.Count ? Contents.Rows[(int)id - 1] : null;

    public IReadOnlyList<LedgerRow> Range(long afterId, long lastId) =>
        [.. Contents.Rows.Where(row => row.Id > afterId && row.Id <= lastId)];

    public LedgerRow? Find(string recordId) => Contents.Rows.Find(row => row.Columns.RecordId == recordId);

    public IReadOnlyList<LedgerRow> Page(LedgerFilter filter, long beyondId, int limit)
    {
        var rows = Contents.Rows.Where(row => row.Id > filter.AfterId && filter.Matches(row.Columns));
        return filter.NewestFirst
            ? [.. rows.Reverse().Where(row => row.Id < beyondId).Take(limit)]
            : [.. rows.Where(row => row.Id > beyondId).Take(limit)];
    }

    public TileNodes Tile(int level, long number, int width)
    {
        var contents = Contents;
        var tile = new TileNodes();
        for (var at = number * TileNodes.Width; tile.Count < width; at++)
        {
            tile.Add(level > 0
                ? new MerkleHash(contents.Tiles[(level - 1, at)].Root)
                : MerkleHash.TryParseHex(contents.Rows[(int)at].LeafHash, out var leaf) ? leaf : default);
        }

        return tile;
    }

    public IReadOnlyList<string> Keys() => Contents.Keys;

    public LedgerStatistics Statistics() => throw new NotSupportedException("no test asks for them");

    public LedgerExtent Extent()
    {
        var contents = Contents;
        return new LedgerExtent(1, contents.Rows.Count, contents.Newest.Size);
    }

    public IReadOnlyList<StoredCheckpoint> Checkpoints(long afterSize, long upTo, int limit) =>
        [.. Contents.Checkpoints.Values.Where(c => c.Size > afterSize && c.Size <= upTo).Take(limit)];

    public StoredTile? StoredTile(int level, long number) => Contents.Tiles.GetValueOrDefault((level, number));

    public IEnumerable<LedgerFinding> CheckRules(long covered) => [];

    public void Dispose()
    {
    }
}

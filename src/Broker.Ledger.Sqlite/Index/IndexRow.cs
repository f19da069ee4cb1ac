using Broker.Ledger.Sqlite.Connections;

namespace Broker.Ledger.Sqlite.Index;

/// <summary>What the index keeps of a row.</summary>
internal readonly record struct IndexRow(long Id, EntryKeys Keys, long MintedAt, int KindBit)
{
    private const int KindBits = 31;

    /// <summary>Selects what <see cref="Read"/> reads, of the rows in (?1, ?2].</summary>
    public const string Select =
        "SELECT id, minted_at, record_id, kind, actor_omni, requester_wallet FROM mint_log " +
        "WHERE id > ? AND id <= ? ORDER BY id";

    public static IndexRow Of(long id, EncodedEntry entry) =>
        new(id, entry.Keys, entry.Columns.MintedAt, BitOf(entry.Columns.Kind));

    public static IndexRow Read(SqliteStatement row) => new(
        row.Integer(0),
        new EntryKeys(
            RecordKey.Of(row.Text(2)), EntryKeys.OfOmni(row.Text(4)), EntryKeys.OfWallet(row.Text(5))),
        row.Integer(1),
        BitOf(row.Text(3)));

    /// <summary>
    /// The bit that stands for a kind in the set of a block. Kinds may share one: then rows are looked at in vain.
    /// </summary>
    public static int BitOf(string kind)
    {
        var hash = 2166136261u;
        foreach (var c in kind) hash = unchecked((hash ^ c) * 16777619u);
        return 1 << (int)(hash % KindBits);
    }
}

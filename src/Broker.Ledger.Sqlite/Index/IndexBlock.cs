namespace Broker.Ledger.Sqlite.Index;

/// <summary>What a thousand rows that follow one another have in common.</summary>
/// <param name="FirstTime">The smallest <c>minted_at</c>.</param>
/// <param name="LastTime">The greatest <c>minted_at</c>.</param>
/// <param name="Kinds">The set of their kinds, see <see cref="IndexRow.BitOf"/>.</param>
internal readonly record struct IndexBlock(long FirstId, long LastId, long FirstTime, long LastTime, long Kinds)
{
    public const int Rows = 1024;

    public bool IsFull => LastId - FirstId + 1 >= Rows;

    public static IndexBlock Of(in IndexRow row) => new(row.Id, row.Id, row.MintedAt, row.MintedAt, row.KindBit);

    public IndexBlock With(in IndexRow row) => this with
    {
        LastId = row.Id,
        FirstTime = Math.Min(FirstTime, row.MintedAt),
        LastTime = Math.Max(LastTime, row.MintedAt),
        Kinds = Kinds | (long)row.KindBit,
    };
}

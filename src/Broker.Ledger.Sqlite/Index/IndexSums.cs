using System.Globalization;
using Broker.Ledger.Sqlite.Connections;

namespace Broker.Ledger.Sqlite.Index;

/// <summary>
/// Sums over all that stands in the index, kept with each run and counted anew by every process that is to use the
/// index: a row that is lost or changed on the disk changes a sum. No protection against somebody who means it, for
/// which the rows in the log are compared.
/// </summary>
internal sealed class IndexSums
{
    private const long Low = 0xffff_ffff;
    private const long Part = 0xffff;

    // Sums of 32 bits each stay within 63 for 2³¹ rows.
    private const string CountAll = """
        SELECT count(*), coalesce(sum(seconds), 0), coalesce(sum(digits & 4294967295), 0),
            coalesce(sum((digits >> 32) & 4294967295), 0), coalesce(sum(id), 0),
            coalesce(sum((digits & 65535) * (id & 65535)), 0) FROM by_record;
        SELECT count(*), coalesce(sum(actor & 4294967295), 0), coalesce(sum((actor >> 32) & 4294967295), 0),
            coalesce(sum(id), 0), coalesce(sum((actor & 65535) * (id & 65535)), 0) FROM by_actor;
        SELECT count(*), coalesce(sum(wallet & 4294967295), 0), coalesce(sum((wallet >> 32) & 4294967295), 0),
            coalesce(sum(actor & 4294967295), 0), coalesce(sum((actor >> 32) & 4294967295), 0) FROM wallets;
        SELECT count(*), coalesce(sum(first_id), 0), coalesce(sum(last_id), 0), coalesce(sum(first_time), 0),
            coalesce(sum(last_time), 0), coalesce(sum(kinds), 0) FROM blocks
        """;

    private const int Records = 0;
    private const int Actors = 6;
    private const int Wallets = 11;
    private const int Blocks = 16;
    private const int Count = 22;

    private readonly long[] _sums;

    private IndexSums(long[] sums) => _sums = sums;

    public IndexSums()
        : this(new long[Count])
    {
    }

    /// <summary>Counts what is there: reads all of the index.</summary>
    public static IndexSums Read(SqliteDatabase database)
    {
        var sums = new long[Count];
        var next = 0;
        foreach (var sql in CountAll.Split(';'))
        {
            using var row = database.Prepare(sql);
            _ = row.Step();
            for (var column = 0; column < row.Columns; column++) sums[next++] = row.Integer(column);
        }

        return new IndexSums(sums);
    }

    /// <summary>What <see cref="ToString"/> wrote; null where it is nothing of the kind.</summary>
    public static IndexSums? Parse(string text)
    {
        var parts = text.Split(',');
        var sums = new long[Count];
        if (parts.Length != Count) return null;
        for (var i = 0; i < Count; i++)
        {
            if (!long.TryParse(parts[i], CultureInfo.InvariantCulture, out sums[i])) return null;
        }

        return new IndexSums(sums);
    }

    public IndexSums Copy() => new([.. _sums]);

    public void Add(in IndexRow row)
    {
        var (seconds, digits) = row.Keys.Record;
        var actor = row.Keys.Actor;
        _sums[Records]++;
        _sums[Records + 1] += seconds;
        _sums[Records + 2] += digits & Low;
        _sums[Records + 3] += (digits >> 32) & Low;
        _sums[Records + 4] += row.Id;
        _sums[Records + 5] += (digits & Part) * (row.Id & Part);
        _sums[Actors]++;
        _sums[Actors + 1] += actor & Low;
        _sums[Actors + 2] += (actor >> 32) & Low;
        _sums[Actors + 3] += row.Id;
        _sums[Actors + 4] += (actor & Part) * (row.Id & Part);
    }

    public void AddWallet(long wallet, long actor)
    {
        _sums[Wallets]++;
        _sums[Wallets + 1] += wallet & Low;
        _sums[Wallets + 2] += (wallet >> 32) & Low;
        _sums[Wallets + 3] += actor & Low;
        _sums[Wallets + 4] += (actor >> 32) & Low;
    }

    public void Add(in IndexBlock block) => AddBlock(block, 1);

    public void Remove(in IndexBlock block) => AddBlock(block, -1);

    public override string ToString() => string.Join(',', _sums);

    private void AddBlock(in IndexBlock block, int sign)
    {
        _sums[Blocks] += sign;
        _sums[Blocks + 1] += sign * block.FirstId;
        _sums[Blocks + 2] += sign * block.LastId;
        _sums[Blocks + 3] += sign * block.FirstTime;
        _sums[Blocks + 4] += sign * block.LastTime;
        _sums[Blocks + 5] += sign * block.Kinds;
    }
}

using Broker.Ledger.Sqlite.Connections;

namespace Broker.Ledger.Sqlite.Index;

/// <summary>Whether an index is whole and belongs to a ledger.</summary>
internal static class IndexCheck
{
    /// <summary>
    /// Why the index cannot be used; null when it can. Reads all of the index, and two rows of the log.
    /// </summary>
    public static string? FindFault(SqliteDatabase index, SqliteDatabase log)
    {
        try
        {
            // All of it at one moment: a process that writes the index does not wait for those who read it.
            index.Execute("BEGIN");
            var fault = Find(index, log);
            index.Execute("COMMIT");
            return fault;
        }
        catch (SqliteFailure failure)
        {
            return failure.Message;
        }
    }

    private static string? Find(SqliteDatabase index, SqliteDatabase log)
    {
        if (index.ReadInteger("PRAGMA user_version") != IndexFile.Version) return "it has another form";
        long covered;
        string firstLeaf, lastLeaf, sums;
        using (var state = index.Prepare("SELECT covered, first_leaf, last_leaf, sums FROM state"))
        {
            if (!state.Step()) return "it does not say how far it goes";
            (covered, firstLeaf, lastLeaf, sums) =
                (state.Integer(0), state.Text(1), state.Text(2), state.Text(3));
        }

        if (covered > 0 && (firstLeaf != LeafAt(log, 1) || lastLeaf != LeafAt(log, covered)))
            return "it is of another ledger";
        var counted = IndexSums.Read(index);
        if (counted.ToString() != sums) return "it does not hold what was written into it";
        return index.ReadInteger("SELECT count(*) FROM by_record") == covered ? null : "it has gaps";
    }

    private static string? LeafAt(SqliteDatabase log, long id) =>
        log.ReadText($"SELECT leaf_hash FROM mint_log WHERE id = {id}");
}

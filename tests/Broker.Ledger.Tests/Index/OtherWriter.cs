using Broker.Ledger.Sqlite.Connections;
using Broker.Ledger.Tests.Stores;

namespace Broker.Ledger.Tests.Index;

/// <summary>
/// Somebody with the ledger's key who writes the file although another holds its lock: goes on in a copy, and puts what
/// is new there into the file.
/// </summary>
internal static class OtherWriter
{
    public static void Append(LedgerFolder folder, int first, int count)
    {
        using var copy = new LedgerFolder();
        using (var source = SqliteDatabase.OpenForReading(folder.File, TimeSpan.FromSeconds(5)))
            source.Execute($"PRAGMA query_only = OFF; VACUUM INTO '{copy.File}'");
        using (var store = copy.OpenStore()) new StoreWriter(store, folder.Key).Append(ManyRows.From(first, count));
        using var target = SqliteDatabase.OpenForWriting(folder.File, TimeSpan.FromSeconds(5));
        target.Execute($"ATTACH '{copy.File}' AS copy; BEGIN IMMEDIATE");
        target.Execute("INSERT INTO mint_log SELECT * FROM copy.mint_log WHERE id > (SELECT max(id) FROM mint_log)");
        target.Execute(
            "INSERT INTO tree_tiles SELECT * FROM copy.tree_tiles EXCEPT SELECT * FROM main.tree_tiles");
        target.Execute("INSERT INTO checkpoints SELECT * FROM copy.checkpoints EXCEPT SELECT * FROM main.checkpoints");
        target.Execute("COMMIT");
    }
}

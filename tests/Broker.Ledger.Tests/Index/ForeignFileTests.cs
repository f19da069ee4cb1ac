using Broker.Ledger.Sqlite;
using Broker.Ledger.Sqlite.Connections;

namespace Broker.Ledger.Tests.Index;

/// <summary>The index is deleted and made anew whenever it does not fit; what is no index is left alone.</summary>
public sealed class ForeignFileTests
{
    [Fact]
    public async Task A_database_of_something_else_under_the_name_of_the_index_stays_and_look_ups_work_without()
    {
        using var folder = new LedgerFolder();
        var path = SqliteLedger.IndexOf(folder.File);
        using (var precious = SqliteDatabase.OpenForWriting(path, TimeSpan.FromSeconds(1)))
            precious.Execute("CREATE TABLE precious (value TEXT); INSERT INTO precious VALUES ('kept')");

        await using (var ledger = folder.Open())
        {
            var receipt = await ledger.AppendAsync(Entries.Granted(), CancellationToken.None);
            await Eventually.HoldsAsync(() => ledger.Status.IndexFault is not null);
            ledger.Status.IndexFault!.ShouldContain("another database");
            ledger.Reader.Find(receipt.RecordId).ShouldNotBeNull();
            ledger.Reader.PageByActor(Entries.Omni, 0, 10).Count.ShouldBe(1);
        }

        using var found = SqliteDatabase.OpenForReading(path, TimeSpan.FromSeconds(1));
        found.ReadText("SELECT value FROM precious").ShouldBe("kept");
    }
}

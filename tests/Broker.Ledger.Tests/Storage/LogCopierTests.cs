using Broker.Ledger.Storage;

namespace Broker.Ledger.Tests.Storage;

/// <summary>The write-ahead log of a ledger that is open all the time, as a broker's is.</summary>
public sealed class LogCopierTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task What_is_committed_moves_into_the_database_while_the_ledger_is_open()
    {
        using var folder = new LedgerFolder();
        await using var ledger = folder.Open();

        for (var batch = 0; batch < 4; batch++) await AppendAsync(ledger, count: 2048, evidenceLength: 0);

        await Eventually.HoldsAsync(() => RowsWithoutTheLog(folder.File) > 4000, Patience);
    }

    [Fact]
    public async Task The_log_stays_short_under_steady_load()
    {
        using var folder = new LedgerFolder();
        await using var ledger = folder.Open();

        for (var batch = 0; batch < 100; batch++) await AppendAsync(ledger, count: 256, evidenceLength: 8000);

        await Eventually.HoldsAsync(() => Length(folder.File) > 150_000_000, Patience);
        Length(folder.File + "-wal").ShouldBeLessThan(100_000_000);
    }

    // What the database file holds by itself: a copy of it, read without the log that stands beside it. While it is
    // copied to, that can be anything, also no database.
    private static long RowsWithoutTheLog(string path)
    {
        var copy = path + ".copy";
        File.Copy(path, copy, overwrite: true);
        try
        {
            using var database = SqliteDatabase.OpenForReading(copy, TimeSpan.Zero);
            return database.ReadInteger("SELECT count(*) FROM mint_log") ?? 0;
        }
        catch (SqliteFailure)
        {
            return 0;
        }
    }

    private static Task AppendAsync(ReleaseLedger ledger, int count, int evidenceLength)
    {
        var evidence = evidenceLength == 0 ? "" : $"{{\"note\":\"{new string('x', evidenceLength)}\"}}";
        return Task.WhenAll(Enumerable.Range(0, count).Select(number =>
            ledger.AppendAsync(Entries.Granted(number) with { Evidence = evidence }, CancellationToken.None).AsTask()));
    }

    private static long Length(string path) => new FileInfo(path).Length;
}

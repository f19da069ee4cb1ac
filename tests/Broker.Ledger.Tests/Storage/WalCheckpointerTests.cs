using Broker.Cryptography;
using Broker.Ledger.Sqlite;
using Broker.Ledger.Sqlite.Connections;
using Broker.Ledger.Tests.Faults;
using Broker.Ledger.Writing;

namespace Broker.Ledger.Tests.Storage;

/// <summary>The write-ahead log of a ledger that is open all the time, as a broker's is.</summary>
public sealed class WalCheckpointerTests
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

    [Fact]
    public async Task The_log_is_bounded_in_bytes_however_few_entries_a_commit_takes()
    {
        using var folder = new LedgerFolder();
        await using var ledger = folder.Open(options => options with { MaxBatch = 4 });

        // Each entry changes pages of its own in the indexes by actor, so that it writes much more than its own bytes.
        var longest = 0L;
        for (var batch = 0; batch < 60; batch++)
        {
            await AppendAsync(ledger, count: 64, evidenceLength: 30_000);
            longest = Math.Max(longest, Length(folder.File + "-wal"));
        }

        Length(folder.File).ShouldBeGreaterThan(64 << 20);
        longest.ShouldBeLessThan(64 << 20);
    }

    [Fact]
    public async Task What_killed_processes_left_in_the_log_is_copied_after_the_next_start()
    {
        using var folder = new LedgerFolder();
        var seed = new string('7', 64);
        using (var process = AppendingProcess.Start(folder.File, seed))
        {
            for (var line = 0; line < 200; line++) await process.StandardOutput.ReadLineAsync();
            process.Kill();
            await process.WaitForExitAsync();
        }

        RowsWithoutTheLog(folder.File).ShouldBeLessThan(100);
        using var key = Ed25519SigningKey.FromSeed(Convert.FromHexString(seed));
        await using var next = SqliteLedger.Open(folder.Options, key, TimeProvider.System);

        // Nobody appends.
        next.Status.Size.ShouldBeGreaterThan(100);
        await Eventually.HoldsAsync(() => RowsWithoutTheLog(folder.File) == next.Status.Size, Patience);
    }

    [Fact]
    public async Task The_log_is_cut_once_a_long_reader_has_ended()
    {
        using var folder = new LedgerFolder();
        await using var ledger = folder.Open();
        await AppendAsync(ledger, count: 1, evidenceLength: 0);
        using (var reader = SqliteDatabase.OpenForReading(folder.File, TimeSpan.Zero))
        {
            reader.Execute("BEGIN");
            _ = reader.ReadInteger("SELECT count(*) FROM mint_log");
            for (var batch = 0; batch < 45; batch++) await AppendAsync(ledger, count: 64, evidenceLength: 30_000);
            Length(folder.File + "-wal").ShouldBeGreaterThan(64 << 20);
            reader.Execute("COMMIT");
        }

        for (var n = 0; n < 4; n++) await AppendAsync(ledger, count: 1, evidenceLength: 0);
        Length(folder.File + "-wal").ShouldBeLessThan(40 << 20);
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
        var evidence = evidenceLength == 0 ? default : EntryEvidence.Of(("note", new string('x', evidenceLength)));
        return Task.WhenAll(Enumerable.Range(0, count).Select(number =>
            ledger.AppendAsync(Entries.Granted(number) with { Evidence = evidence }, CancellationToken.None).AsTask()));
    }

    private static long Length(string path) => new FileInfo(path).Length;
}

namespace Broker.Ledger.Tests.Storage;

/// <summary>The write-ahead log of a ledger that is open all the time, as a broker's is.</summary>
public sealed class LogCopierTests
{
    [Fact]
    public async Task What_is_committed_moves_into_the_database_while_the_ledger_is_open()
    {
        using var folder = new LedgerFolder();
        await using var ledger = folder.Open();

        await AppendAsync(ledger, count: 2048, evidenceLength: 0);

        var end = DateTimeOffset.UtcNow.AddSeconds(30);
        while (Length(folder.File) < 1_000_000 && DateTimeOffset.UtcNow < end) await Task.Delay(20);
        Length(folder.File).ShouldBeGreaterThan(1_000_000);
    }

    [Fact]
    public async Task The_log_stays_short_under_steady_load()
    {
        using var folder = new LedgerFolder();
        await using var ledger = folder.Open();

        for (var batch = 0; batch < 100; batch++) await AppendAsync(ledger, count: 256, evidenceLength: 8000);

        Length(folder.File).ShouldBeGreaterThan(150_000_000);
        Length(folder.File + "-wal").ShouldBeLessThan(100_000_000);
    }

    private static Task AppendAsync(ReleaseLedger ledger, int count, int evidenceLength)
    {
        var evidence = evidenceLength == 0 ? "" : $"{{\"note\":\"{new string('x', evidenceLength)}\"}}";
        return Task.WhenAll(Enumerable.Range(0, count).Select(number =>
            ledger.AppendAsync(Entries.Granted(number) with { Evidence = evidence }, CancellationToken.None).AsTask()));
    }

    private static long Length(string path) => new FileInfo(path).Length;
}

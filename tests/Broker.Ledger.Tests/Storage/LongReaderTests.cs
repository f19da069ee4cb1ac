using System.Diagnostics;
using Broker.Ledger.Sqlite.Copies;
using Broker.Ledger.Verification;
using Broker.Ledger.Writing;

namespace Broker.Ledger.Tests.Storage;

/// <summary>
/// Those who read a ledger for a long time, while it is written: the write-ahead log is cut all the same, unless one of
/// them keeps a transaction open.
/// </summary>
public sealed class LongReaderTests
{
    private const long Bound = 64 << 20;
    private const int EvidenceLength = 6000;

    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task An_idle_shell_a_slow_walk_and_a_backup_do_not_keep_the_log_from_being_cut()
    {
        using var folder = new LedgerFolder();
        await using var ledger = folder.Open();
        await AppendAsync(ledger, 2000, evidenceLength: 0);
        using var shell = await Shell.StartAsync(folder.File, "SELECT count(*) FROM mint_log;");
        using var reader = folder.Read();
        using var walk = reader.Rows(new LedgerFilter()).GetEnumerator();
        var backup = Task.CompletedTask;
        var (walked, longest) = (0, 0L);
        for (var batch = 0; batch < 80; batch++)
        {
            walk.MoveNext().ShouldBeTrue();
            walked++;
            await AppendAsync(ledger, 256, EvidenceLength);
            longest = Math.Max(longest, WalLength(folder));
            if (batch == 20)
                backup = Task.Run(() => LedgerBackup.Copy(
                    folder.File, folder.File + ".copy", new VerificationRequest(), null, None).IsSound.ShouldBeTrue());
        }

        await backup;
        new FileInfo(folder.File).Length.ShouldBeGreaterThan(Bound);
        longest.ShouldBeLessThan(Bound);

        // The walk goes on to the end, and sees what came after it began.
        while (walk.MoveNext()) walked++;
        walked.ShouldBe(2000 + 80 * 256);
    }

    [Fact]
    public async Task A_read_transaction_that_does_not_end_stops_no_entry_and_the_log_is_cut_after_it()
    {
        using var folder = new LedgerFolder();
        await using var ledger = folder.Open();
        await AppendAsync(ledger, 1, evidenceLength: 0);
        using (await Shell.StartAsync(folder.File, "BEGIN; SELECT count(*) FROM mint_log;"))
        {
            for (var batch = 0; batch < 60; batch++) await AppendAsync(ledger, 256, EvidenceLength);
            WalLength(folder).ShouldBeGreaterThan(Bound);
            ledger.Status.Failures.ShouldBe(0);
        }

        for (var n = 0; n < 6; n++) await AppendAsync(ledger, 1, evidenceLength: 0);
        WalLength(folder).ShouldBeLessThan(40 << 20);
        ledger.Status.Size.ShouldBe(1 + 60 * 256 + 6);
    }

    private static long WalLength(LedgerFolder folder) => new FileInfo(folder.File + "-wal").Length;

    private static Task AppendAsync(ReleaseLedger ledger, int count, int evidenceLength)
    {
        var evidence = evidenceLength == 0 ? default : EntryEvidence.Of(("note", new string('x', evidenceLength)));
        return Task.WhenAll(Enumerable.Range(0, count).Select(number =>
            ledger.AppendAsync(Entries.Granted(number) with { Evidence = evidence }, None).AsTask()));
    }

    /// <summary>An operator's <c>sqlite3</c>, which has answered and stays open.</summary>
    private sealed class Shell : IDisposable
    {
        private readonly Process _process;

        private Shell(Process process) => _process = process;

        public static async Task<Shell> StartAsync(string file, string sql)
        {
            var start = new ProcessStartInfo("sqlite3", ["-interactive", file])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            };
            var shell = new Shell(Process.Start(start)!);
            await shell._process.StandardInput.WriteLineAsync($"{sql} SELECT 'answered';");
            await shell._process.StandardInput.FlushAsync();
            while (await shell._process.StandardOutput.ReadLineAsync() is { } line)
            {
                if (line == "answered") return shell;
            }

            throw new InvalidOperationException("sqlite3 did not answer");
        }

        public void Dispose()
        {
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
        }
    }
}

using System.Collections.Concurrent;
using Broker.Ledger.Reading;
using Broker.Ledger.Storage;
using Broker.Ledger.Writing;
using Xunit.Abstractions;

namespace Broker.Ledger.Tests.Stores;

/// <summary>
/// The suite over a store in memory, and a ledger over one that fails at every step on purpose: it answers only what is
/// on record, heals by itself, never forks and never writes an entry twice.
/// </summary>
public sealed class MemoryStoreTests(ITestOutputHelper output) : StoreSuite
{
    private readonly MemoryLedger _ledger = new();

    private protected override ILedgerStore Open(bool tracksAnchor = false) => new MemoryStore(_ledger, tracksAnchor);

    public static TheoryData<string, string> EveryFault()
    {
        var faults = new TheoryData<string, string>();
        foreach (var step in Enum.GetNames<StoreStep>())
        {
            foreach (var fault in Enum.GetNames<StoreFault>())
            {
                // Busy says that nothing was kept.
                if (step != nameof(StoreStep.AfterCommit) || fault != nameof(StoreFault.Busy)) faults.Add(step, fault);
            }
        }

        return faults;
    }

    [Theory]
    [MemberData(nameof(EveryFault))]
    public async Task A_fault_at_any_step_is_told_and_healed(string step, string fault)
    {
        // The same step fails twice running, at every commit once; a failing Load and view follow a failed commit.
        var (at, how) = (Enum.Parse<StoreStep>(step), Enum.Parse<StoreFault>(fault));
        for (var commit = 1; commit <= 4; commit++)
        {
            var ledger = new MemoryLedger();
            var (commits, left) = (0, 2);
            var store = new MemoryStore(ledger, tracksAnchor: false, reached =>
            {
                if (reached == StoreStep.BeforeCommit) commits++;
                if (commits < commit || left == 0) return null;
                var needsCause = at is StoreStep.Load or StoreStep.OpenView or StoreStep.Probe;
                if (needsCause && reached == StoreStep.BeforeCommit && commits == commit) return StoreFault.Other;
                if (reached != at) return null;
                left--;
                return how;
            });
            var receipts = new List<LedgerReceipt>();
            await using (var release = ReleaseLedger.Open(store, Options, Key, TimeProvider.System))
            {
                for (var n = 0; n < 9; n++)
                {
                    // Asked again with the same entry until it is on record.
                    var entry = Entries.Granted(n);
                    for (var attempt = 0; attempt < 4; attempt++)
                    {
                        try
                        {
                            receipts.Add(await release.AppendAsync(entry, None));
                            OnRecord(release.Reader, receipts[^1]);
                            break;
                        }
                        catch (LedgerUnavailableException e)
                        {
                            e.Fault.ShouldBe(LedgerFault.WriteFailed);
                            attempt.ShouldBeLessThan(3, e.Message);
                            if (e.Message.Contains("is on record already", StringComparison.Ordinal)) break;
                        }
                    }
                }

                release.Status.LastFault.ShouldBeNull();
            }

            HoldsExactly(ledger, 9);
            IsSound(new MemoryStore(ledger, tracksAnchor: false), receipts);
            receipts.Count.ShouldBeGreaterThan(6);
        }
    }

    [Fact]
    public async Task A_ledger_that_is_asked_nothing_finds_out_what_became_of_its_commit()
    {
        var left = 1;
        var store = new MemoryStore(_ledger, tracksAnchor: false, step =>
            step == StoreStep.AfterCommit && Interlocked.Exchange(ref left, 0) == 1 ? StoreFault.Full : null);
        await using var release = ReleaseLedger.Open(store, Options, Key, TimeProvider.System);
        await Should.ThrowAsync<LedgerUnavailableException>(release.AppendAsync(Entries.Granted(), None).AsTask());

        await Eventually.HoldsAsync(() => release.Status is { LastFault: null, Size: 1 });
        release.NewestCheckpoint.ShouldBe(_ledger.Contents.Newest.Note);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Faults_at_random_steps_under_many_clients_lose_and_double_nothing(int run)
    {
        var seed = Environment.TickCount + run;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var isOver = false;
        var store = new MemoryStore(_ledger, tracksAnchor: false, step =>
        {
            if (Volatile.Read(ref isOver)) return null;
            lock (random)
            {
                if (random.Next(6) != 0) return null;
                var fault = (StoreFault)random.Next(4);
                return step == StoreStep.AfterCommit && fault == StoreFault.Busy ? StoreFault.Full : fault;
            }
        });
        var receipts = new ConcurrentBag<LedgerReceipt>();
        var release = await OpenAtLastAsync(store);
        await Task.WhenAll(Enumerable.Range(0, 12).Select(client => Task.Run(async () =>
        {
            for (var n = 0; n < 100; n++)
            {
                try
                {
                    receipts.Add(await release.AppendAsync(Entries.Granted(1000 * client + n), None));
                }
                catch (LedgerUnavailableException)
                {
                    // The client hears no and has nothing.
                }
            }
        })));
        Volatile.Write(ref isOver, true);
        for (var n = 0; n < 3; n++) receipts.Add(await AppendAtLastAsync(release, Entries.Granted(20_000 + n)));
        await release.DisposeAsync();

        using var reader = new LedgerReader(store.OpenView);
        foreach (var receipt in receipts) OnRecord(reader, receipt);
        HoldsExactly(_ledger, _ledger.Contents.Rows.Count);
        IsSound(store, receipts);
        receipts.Count.ShouldBeGreaterThan(100);
    }

    private static void HoldsExactly(MemoryLedger ledger, int rows)
    {
        ledger.Contents.Rows.Count.ShouldBe(rows);
        ledger.Contents.Rows.Select(row => row.Columns.RecordId).Distinct().Count().ShouldBe(rows);
    }

    private async Task<ReleaseLedger> OpenAtLastAsync(ILedgerStore store)
    {
        for (; ; await Task.Yield())
        {
            try
            {
                return ReleaseLedger.Open(store, Options, Key, TimeProvider.System);
            }
            catch (LedgerStoreException)
            {
                // Until it lets itself be opened.
            }
        }
    }

    // The first one after the last fault may still be refused, for what came before.
    private static async Task<LedgerReceipt> AppendAtLastAsync(ReleaseLedger release, LedgerEntry entry)
    {
        try
        {
            return await release.AppendAsync(entry, None);
        }
        catch (LedgerUnavailableException)
        {
            return await release.AppendAsync(entry, None);
        }
    }
}

using Broker.Ledger.Sqlite.Connections;
using Broker.Ledger.Writing;

namespace Broker.Ledger.Tests.Faults;

/// <summary>
/// The disk fails, in each way that can be arranged; the ledger says so in time, and goes on when it is over.
/// </summary>
public sealed class StorageFaultTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [MountFact]
    public async Task A_full_disk_fails_the_entry_and_room_on_it_brings_the_ledger_back()
    {
        using var disk = new SmallDisk(4 << 20);
        using var folder = new LedgerFolder(disk.Folder);
        await using var ledger = folder.Open();
        var receipts = new List<LedgerReceipt> { await ledger.AppendAsync(Entries.Granted(), None) };

        var filler = disk.Fill();
        var refused = new List<string>();
        for (var n = 1; refused.Count < 3; n++)
        {
            n.ShouldBeLessThan(10_000);
            var entry = Entries.Granted(n);
            try
            {
                receipts.Add(await ledger.AppendAsync(entry, None));
            }
            catch (LedgerUnavailableException e)
            {
                e.Fault.ShouldBe(LedgerFault.WriteFailed);
                refused.Add(entry.RecordId.ToString());
            }
        }

        // A full disk stays one: looking at it by itself does not make the ledger ready.
        await Task.Delay(TimeSpan.FromSeconds(2.5));
        ledger.Status.LastFault.ShouldNotBeNull();
        File.Delete(filler);
        receipts.Add(await ledger.AppendAsync(Entries.Granted(20_000), None));

        ledger.Status.LastFault.ShouldBeNull();
        foreach (var recordId in refused) ledger.Reader.Find(recordId).ShouldBeNull();
        AllHold(ledger, receipts);
        IsSound(folder, ledger);
    }

    [MountFact]
    public async Task A_small_disk_serves_until_the_data_fills_it()
    {
        using var disk = new SmallDisk(40 << 20);
        using var folder = new LedgerFolder(disk.Folder);
        var receipts = new List<LedgerReceipt>();
        await using (var ledger = folder.Open())
        {
            for (var isFull = false; !isFull;)
            {
                receipts.Count.ShouldBeLessThan(120_000);
                var appends = Enumerable.Range(receipts.Count, 32)
                    .Select(n => ledger.AppendAsync(Entries.Granted(n), None).AsTask()).ToList();
                foreach (var append in appends)
                {
                    try
                    {
                        receipts.Add(await append);
                    }
                    catch (LedgerUnavailableException)
                    {
                        isFull = true;
                    }
                }
            }

            // The write-ahead log and the index have nearly no part in it.
            new FileInfo(folder.File).Length.ShouldBeGreaterThan(34 << 20);
            new FileInfo(folder.File + "-wal").Length.ShouldBeLessThan(4 << 20);
            AllHold(ledger, receipts.TakeLast(100));
        }

        disk.Fill();
        var fault = Should.Throw<LedgerOpenException>(() => folder.Open());
        fault.Fault.ShouldBe(LedgerOpenFault.NotWritable);
        fault.Message.ShouldContain("the disk is full");
    }

    [Fact]
    public async Task A_lock_held_by_another_process_fails_the_entry_within_the_busy_timeout_and_no_longer()
    {
        using var folder = new LedgerFolder();
        await using var ledger = folder.Open(options => options with { BusyTimeout = TimeSpan.FromMilliseconds(100) });
        var receipts = new List<LedgerReceipt> { await ledger.AppendAsync(Entries.Granted(), None) };

        using (var other = SqliteDatabase.OpenForWriting(folder.File, TimeSpan.Zero))
        {
            other.Execute("BEGIN IMMEDIATE");
            var fault = await Should.ThrowAsync<LedgerUnavailableException>(
                ledger.AppendAsync(Entries.Granted(1), None).AsTask());
            fault.Fault.ShouldBe(LedgerFault.WriteFailed);
            other.Execute("ROLLBACK");
        }

        receipts.Add(await ledger.AppendAsync(Entries.Granted(2), None));
        AllHold(ledger, receipts);
        IsSound(folder, ledger);
    }

    [Fact]
    public async Task A_ledger_that_is_asked_nothing_finds_out_by_itself_that_a_fault_is_over()
    {
        using var folder = new LedgerFolder();
        await using var ledger = folder.Open(options => options with { BusyTimeout = TimeSpan.FromMilliseconds(50) });
        await ledger.AppendAsync(Entries.Granted(), None);

        using (var other = SqliteDatabase.OpenForWriting(folder.File, TimeSpan.Zero))
        {
            other.Execute("BEGIN IMMEDIATE");
            await Should.ThrowAsync<LedgerUnavailableException>(ledger.AppendAsync(Entries.Granted(1), None).AsTask());
            await Task.Delay(TimeSpan.FromSeconds(2.5));
            ledger.Status.LastFault.ShouldNotBeNull();
            other.Execute("ROLLBACK");
        }

        await Eventually(() => ledger.Status.LastFault is null
            ? Task.CompletedTask
            : Task.FromException(new LedgerUnavailableException(LedgerFault.WriteFailed, "not yet")));
        ledger.Status.IsReady.ShouldBeTrue();
        ledger.Status.Size.ShouldBe(1);
        ledger.Status.Failures.ShouldBe(1);
        await ledger.AppendAsync(Entries.Granted(2), None);
        IsSound(folder, ledger);
    }

    [Fact]
    public async Task A_disk_that_does_not_answer_times_the_request_out_and_fills_the_queue()
    {
        using var folder = new LedgerFolder();
        await using var ledger = folder.Open(options => options with
        {
            BusyTimeout = TimeSpan.FromSeconds(2),
            CommitTimeout = TimeSpan.FromMilliseconds(300),
            QueueCapacity = 2,
        });

        using (var other = SqliteDatabase.OpenForWriting(folder.File, TimeSpan.Zero))
        {
            other.Execute("BEGIN IMMEDIATE");
            var waiting =
                Enumerable.Range(0, 12).Select(n => ledger.AppendAsync(Entries.Granted(n), None).AsTask()).ToList();
            var faults = new List<LedgerFault>();
            foreach (var entry in waiting) faults.Add(
                (await Should.ThrowAsync<LedgerUnavailableException>(entry)).Fault);

            faults.ShouldContain(LedgerFault.TimedOut);
            faults.ShouldContain(LedgerFault.Busy);
            faults.ShouldBeSubsetOf([LedgerFault.TimedOut, LedgerFault.Busy]);
            other.Execute("ROLLBACK");
        }

        await Eventually(async () => await ledger.AppendAsync(Entries.Granted(100), None));
        IsSound(folder, ledger);
    }

    [Fact]
    public async Task An_entry_that_nobody_waits_for_any_more_is_not_written()
    {
        using var folder = new LedgerFolder();
        await using var ledger =
            folder.Open(options => options with { CommitTimeout = TimeSpan.FromMilliseconds(200) });
        var second = Entries.Granted(2);

        using (var other = SqliteDatabase.OpenForWriting(folder.File, TimeSpan.Zero))
        {
            other.Execute("BEGIN IMMEDIATE");
            var first = ledger.AppendAsync(Entries.Granted(1), None).AsTask();

            // The writer has taken the first one and waits for the lock; only then does the second one wait in the
            // queue.
            await Eventually(() => ledger.Status.QueueDepth == 0
                ? Task.CompletedTask
                : Task.FromException(new LedgerUnavailableException(LedgerFault.Busy, "not taken yet")));
            await Should.ThrowAsync<LedgerUnavailableException>(ledger.AppendAsync(second, None).AsTask());
            await Should.ThrowAsync<LedgerUnavailableException>(first);
            other.Execute("ROLLBACK");
        }

        await Eventually(async () => await ledger.AppendAsync(Entries.Granted(3), None));
        ledger.Reader.Find(second.RecordId.ToString()).ShouldBeNull();
    }

    [ImmutableFileFact]
    public async Task Files_made_read_only_fail_the_entry_and_it_comes_back_with_the_permission()
    {
        using var folder = new LedgerFolder();
        await using var ledger = folder.Open();
        var receipts = new List<LedgerReceipt> { await ledger.AppendAsync(Entries.Granted(), None) };

        using (ImmutableFile.Make(folder.File + "-wal"))
        using (ImmutableFile.Make(folder.File))
        {
            for (var n = 1; n < 4; n++)
            {
                var fault = await Should.ThrowAsync<LedgerUnavailableException>(
                    ledger.AppendAsync(Entries.Granted(n), None).AsTask());
                fault.Fault.ShouldBe(LedgerFault.WriteFailed);
            }
        }

        receipts.Add(await ledger.AppendAsync(Entries.Granted(4), None));
        AllHold(ledger, receipts);
        IsSound(folder, ledger);
    }

    [ImmutableFileFact]
    public async Task A_read_only_file_is_not_opened_for_writing()
    {
        using var folder = new LedgerFolder();
        await using (var ledger = folder.Open()) await ledger.AppendAsync(Entries.Granted(), None);

        using (ImmutableFile.Make(folder.File))
        {
            Should.Throw<LedgerOpenException>(() => folder.Open()).Fault.ShouldBe(LedgerOpenFault.NotWritable);
        }

        await using var again = folder.Open();
        again.Status.Size.ShouldBe(1);
    }

    [Fact]
    public async Task A_row_written_behind_the_brokers_back_stops_the_ledger_instead_of_being_built_upon()
    {
        using var folder = new LedgerFolder();
        await using var ledger = folder.Open();
        await ledger.AppendAsync(Entries.Granted(), None);

        using (var other = SqliteDatabase.OpenForWriting(folder.File, TimeSpan.FromSeconds(1)))
        {
            other.Execute("""
                INSERT INTO mint_log SELECT 2, minted_at, requester_token, requester_wallet, requested_role,
                session_duration_seconds, sts_session_name, outcome, outcome_detail, 'aud_1_0000000000000000', kind,
                actor_omni, subject, request_id, request_hash, access_key_id, expires_at, evidence, leaf_hash
                FROM mint_log WHERE id = 1
                """);
        }

        for (var n = 1; n < 4; n++)
        {
            var fault = await Should.ThrowAsync<LedgerUnavailableException>(
                ledger.AppendAsync(Entries.Granted(n), None).AsTask());
            fault.Fault.ShouldBe(LedgerFault.WriteFailed);
        }
    }

    [Theory]
    [InlineData("UPDATE mint_log SET outcome = 'denied'")]
    [InlineData("DELETE FROM mint_log")]
    [InlineData("REPLACE INTO mint_log SELECT * FROM mint_log")]
    [InlineData("INSERT OR REPLACE INTO mint_log SELECT * FROM mint_log WHERE id = 1")]
    [InlineData("UPDATE OR REPLACE mint_log SET id = 2 WHERE id = 1")]
    [InlineData("INSERT INTO mint_log SELECT id + 500, minted_at, requester_token, requester_wallet, requested_role, "
        + "session_duration_seconds, sts_session_name, outcome, outcome_detail, 'aud_2_0000000000000000', kind, "
        + "actor_omni, subject, request_id, request_hash, access_key_id, expires_at, evidence, leaf_hash "
        + "FROM mint_log WHERE id = 1")]
    [InlineData("DELETE FROM tree_tiles")]
    [InlineData("UPDATE tree_tiles SET root = zeroblob(32)")]
    [InlineData("REPLACE INTO tree_tiles SELECT * FROM tree_tiles")]
    [InlineData("DELETE FROM checkpoints")]
    [InlineData("UPDATE checkpoints SET note = ''")]
    [InlineData("REPLACE INTO checkpoints SELECT * FROM checkpoints")]
    public async Task The_database_itself_refuses_to_change_what_is_there(string sql)
    {
        using var folder = new LedgerFolder();
        await using (var ledger = folder.Open())
        {
            await Task.WhenAll(
                Enumerable.Range(0, 260).Select(n => ledger.AppendAsync(Entries.Granted(n), None).AsTask()));
        }

        // As the sqlite3 shell would be: no setting of Broker's connection.
        using var shell = SqliteDatabase.OpenForWriting(folder.File, TimeSpan.FromSeconds(1));
        Should.Throw<SqliteFailure>(() => shell.Execute(sql)).Message.ShouldContain("append-only");
    }

    private static void AllHold(ReleaseLedger ledger, IEnumerable<LedgerReceipt> receipts)
    {
        foreach (var receipt in receipts)
        {
            receipt.FaultOf(ledger.VerifierKey).ShouldBeNull();
            ledger.Reader.Find(receipt.RecordId.ToString())!.ToCanonicalBytes().ShouldBe(receipt.CanonicalEntry);
        }
    }

    private static void IsSound(LedgerFolder folder, ReleaseLedger ledger) => folder.Verify(ledger.VerifierKey)
        .Findings.ShouldBeEmpty();

    private static async Task Eventually(Func<Task> attempt)
    {
        for (var left = 50; ; left--)
        {
            try
            {
                await attempt();
                return;
            }
            catch (LedgerUnavailableException) when (left > 0)
            {
                await Task.Delay(100);
            }
        }
    }
}

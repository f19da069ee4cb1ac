using System.Collections.Concurrent;
using Broker.Cryptography;
using Broker.Ledger.Notes;
using Broker.Ledger.Postgres;
using Broker.Ledger.Postgres.Connections;
using Broker.Ledger.Postgres.Log;
using Broker.Ledger.Reading;
using Broker.Ledger.Tests.Faults;
using Broker.Ledger.Tests.Index;
using Broker.Ledger.Tests.Stores;
using Broker.Ledger.Verification;
using Broker.Ledger.Writing;

namespace Broker.Ledger.Tests.Postgres;

/// <summary>
/// A ledger over a server that is killed, paused, full or cut off: it answers only what is on record, heals by itself,
/// never forks and never writes an entry twice.
/// </summary>
public sealed class PostgresFaultTests : IClassFixture<PostgresServer>, IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly PostgresServer _server;
    private readonly Ed25519SigningKey _key = Ed25519SigningKey.Generate();
    private readonly ConcurrentBag<LedgerReceipt> _receipts = [];

    public PostgresFaultTests(PostgresServer server)
    {
        _server = server;
        server.StartUnlessRunning();
    }

    public void Dispose() => _key.Dispose();

    [Fact]
    public async Task A_server_killed_between_batches_is_found_again()
    {
        var access = _server.NewLedger();
        await using var ledger = Open(access);
        for (var n = 0; n < 300; n += 100) await AppendAsync(ledger, n, 100);
        ledger.Reader.Find(_receipts.First().RecordId).ShouldNotBeNull();

        _server.Kill();
        await Should.ThrowAsync<LedgerUnavailableException>(ledger.AppendAsync(Entries.Granted(900), None).AsTask());
        Should.Throw<LedgerStoreException>(() => ledger.Reader.Size());
        ledger.Status.LastFault.ShouldNotBeNull();
        _server.Start();

        // Nothing is asked of it, and it finds out all the same.
        await Eventually.HoldsAsync(() => ledger.Status.LastFault is null);
        ledger.Reader.Size().ShouldBe(300);
        await AppendAsync(ledger, 1000, 20);
        IsSound(access, 320);
    }

    [Fact]
    public async Task A_server_killed_under_load_loses_nothing_that_was_answered()
    {
        var access = _server.NewLedger();
        await using var ledger = Open(access);
        var isOver = false;
        var clients = Enumerable.Range(0, 16).Select(client => Task.Run(async () =>
        {
            for (var n = 0; !Volatile.Read(ref isOver); n++)
                await TryAppendAsync(ledger, Entries.Granted(100_000 * client + n));
        })).ToList();
        for (var kill = 0; kill < 4; kill++)
        {
            var answered = _receipts.Count;
            await Eventually.HoldsAsync(() => _receipts.Count > answered + 100);
            _server.Kill();
            _server.Start();
        }

        Volatile.Write(ref isOver, true);
        await Task.WhenAll(clients);
        await Eventually.HoldsAsync(() => ledger.Status.LastFault is null);
        await AppendAsync(ledger, 5_000_000, 3);
        IsSound(access);
    }

    [Theory]
    [InlineData(nameof(Cut.BeforeCommit), false)]
    [InlineData(nameof(Cut.AfterCommit), true)]
    [InlineData(nameof(Cut.LateCommit), true)]
    public async Task A_connection_cut_at_COMMIT_leaves_the_entry_on_record_or_not_and_never_twice(
        string cut, bool isOnRecord)
    {
        var access = _server.NewLedger();
        using var proxy = new CuttingProxy(_server.Socket);
        await using var ledger = Open(_server.Access(access.Schema, proxyPort: proxy.Port));
        await AppendAsync(ledger, 0, 3);
        var entry = Entries.Granted(100);
        proxy.Next = Enum.Parse<Cut>(cut);

        var fault = await Should.ThrowAsync<LedgerUnavailableException>(ledger.AppendAsync(entry, None).AsTask());
        fault.Fault.ShouldBe(LedgerFault.WriteFailed);
        proxy.Cuts.ShouldBe(1);

        // Another's entry comes between, which must not make the ledger forget the first one's.
        await Eventually.AsksAsync(() => TryAppendAsync(ledger, Entries.Granted(101)), given => given is not null);
        if (isOnRecord)
        {
            var again = await Should.ThrowAsync<LedgerUnavailableException>(
                ledger.AppendAsync(entry, None).AsTask());
            again.Message.ShouldContain("is on record already");
        }
        else
        {
            _receipts.Add(await ledger.AppendAsync(entry, None));
        }

        ledger.Reader.Find(entry.RecordId.ToString()).ShouldNotBeNull();
        ledger.Status.LastFault.ShouldBeNull();
        IsSound(access, 5);
    }

    [Fact]
    public async Task Two_ledgers_on_connections_of_their_own_never_fork_the_tree()
    {
        var access = _server.NewLedger();
        await using var first = Open(access);
        await using var second = Open(access);
        var refused = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(client => Task.Run(async () =>
        {
            for (var n = 0; n < 60; n++)
            {
                var entry = Entries.Granted(1000 * client + n);
                try
                {
                    _receipts.Add(await (client % 2 == 0 ? first : second).AppendAsync(entry, None));
                }
                catch (LedgerUnavailableException e)
                {
                    e.InnerException.ShouldBeAssignableTo<LedgerStoreException>();
                    Interlocked.Increment(ref refused);
                }
            }
        })));

        _receipts.Count.ShouldBe(480 - refused);
        refused.ShouldBeGreaterThan(0);
        IsSound(access, _receipts.Count);
    }

    [Fact]
    public void A_writer_that_lost_goes_on_from_where_the_other_has_come_to()
    {
        var access = _server.NewLedger();
        using var one = PostgresLedgerStore.Open(access, tracksAnchor: false);
        using var other = PostgresLedgerStore.Open(access, tracksAnchor: false);
        var first = new StoreWriter(one, _key);
        var second = new StoreWriter(other, _key);
        first.Append(ManyRows.From(0, 300));

        Should.Throw<LedgerHeadMovedException>(() => second.Append(ManyRows.From(500, 20)));

        new StoreWriter(other, _key).Append(ManyRows.From(500, 20));
        Should.Throw<LedgerHeadMovedException>(() => first.Append(ManyRows.From(300, 1)));
        one.Load().Root.ShouldBe(other.Load().Root);
        IsSound(access, 320);
    }

    [Fact]
    public async Task A_head_that_another_holds_is_waited_for_and_then_busy()
    {
        var access = _server.NewLedger() with { BusyTimeout = TimeSpan.FromMilliseconds(300) };
        using var store = PostgresLedgerStore.Open(access, tracksAnchor: false);
        var writer = new StoreWriter(store, _key);
        writer.Append(ManyRows.From(0, 3));
        using (var other = _server.Connect(access))
        {
            using var held = await other.BeginTransactionAsync();
            using var take = new Npgsql.NpgsqlCommand("SELECT size FROM ledger_head FOR UPDATE", other, held);
            await take.ExecuteScalarAsync();

            Should.Throw<LedgerStoreException>(() => writer.Append(ManyRows.From(3, 1))).Fault
                .ShouldBe(StoreFault.Busy);
            Should.Throw<LedgerStoreException>(store.Probe).Fault.ShouldBe(StoreFault.Busy);
        }

        writer.Append(ManyRows.From(3, 1));
        IsSound(access, 4);
    }

    [Fact]
    public async Task A_server_out_of_connections_is_waited_for()
    {
        var access = _server.NewLedger();
        await using var ledger = Open(access);
        await AppendAsync(ledger, 0, 3);
        _server.Execute($"ALTER ROLE {PostgresServer.ServiceRole} CONNECTION LIMIT 0");
        _server.Execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            + $"WHERE usename = '{PostgresServer.ServiceRole}'");

        for (var n = 0; n < 3; n++)
            await Should.ThrowAsync<LedgerUnavailableException>(ledger.AppendAsync(Entries.Granted(50), None).AsTask());
        Should.Throw<LedgerStoreException>(() => ledger.Reader.Size()).Message.ShouldContain("53300");
        _server.Execute($"ALTER ROLE {PostgresServer.ServiceRole} CONNECTION LIMIT -1");

        await Eventually.HoldsAsync(() => ledger.Status.LastFault is null);
        await AppendAsync(ledger, 60, 3);
        IsSound(access, 6);
    }

    [Fact]
    public async Task A_server_that_stands_still_is_given_up_and_found_again()
    {
        var access = _server.NewLedger() with { AnswerTimeout = TimeSpan.FromSeconds(1) };
        await using var ledger = Open(access);
        await AppendAsync(ledger, 0, 3);
        _server.Pause();
        try
        {
            var late = await Should.ThrowAsync<LedgerUnavailableException>(
                ledger.AppendAsync(Entries.Granted(50), None).AsTask());
            late.Fault.ShouldBeOneOf(LedgerFault.TimedOut, LedgerFault.WriteFailed);
            Should.Throw<LedgerStoreException>(() => ledger.Reader.Size());
        }
        finally
        {
            _server.Resume();
        }

        await Eventually.AsksAsync(() => TryAppendAsync(ledger, Entries.Granted(51)), given => given is not null);
        await Eventually.HoldsAsync(() => ledger.Status.LastFault is null);
        IsSound(access);
    }

    [Fact]
    public async Task A_COMMIT_that_did_not_wait_for_its_standby_is_no_answer()
    {
        var access = _server.NewLedger() with { AnswerTimeout = TimeSpan.FromSeconds(60) };
        await using var ledger = Open(access, TimeSpan.FromSeconds(60));
        await AppendAsync(ledger, 0, 3);

        // A standby that is asked for and is not there: every COMMIT waits, until somebody cancels the wait.
        _server.Execute("ALTER SYSTEM SET synchronous_standby_names = 'absent'");
        _server.Execute("SELECT pg_reload_conf()");
        var entry = Entries.Granted(100);
        var waiting = ledger.AppendAsync(entry, None).AsTask();
        await Eventually.HoldsAsync(() =>
        {
            // The server takes the setting up in its own time.
            if (waiting.IsCompletedSuccessfully)
            {
                _receipts.Add(waiting.Result);
                entry = Entries.Granted(100 + _receipts.Count);
                waiting = ledger.AppendAsync(entry, None).AsTask();
            }

            return CancelsWait();
        });
        var fault = await Should.ThrowAsync<LedgerUnavailableException>(waiting);
        fault.Message.ShouldContain("not as durably as asked for");
        _server.Execute("ALTER SYSTEM RESET synchronous_standby_names");
        _server.Execute("SELECT pg_reload_conf()");

        await Eventually.AsksAsync(
            () => TryAppendAsync(ledger, Entries.Granted(90_000)), given => given is not null);
        var again = await Should.ThrowAsync<LedgerUnavailableException>(ledger.AppendAsync(entry, None).AsTask());
        again.Message.ShouldContain("is on record already");
        IsSound(access, _receipts.Count + 1);
    }

    [MountFact]
    public async Task A_server_whose_disk_is_full_is_told_and_healed_by_room()
    {
        using var disk = new SmallDisk(4 << 20);
        Command.Run("chmod", "777", disk.Folder);
        var place = Directory.CreateDirectory(Path.Combine(disk.Folder, "tables")).FullName;
        if (Environment.UserName == "root") Command.Run("chown", "postgres", place);
        _server.Execute($"CREATE TABLESPACE small LOCATION '{place}'");
        _server.Execute($"GRANT CREATE ON TABLESPACE small TO {PostgresServer.OwnerRole}");
        _server.Execute($"ALTER ROLE {PostgresServer.OwnerRole} SET default_tablespace = small");
        var access = _server.NewLedger();
        await using (var ledger = Open(access))
        {
            await AppendAsync(ledger, 0, 100);
            var filler = disk.Fill();
            LedgerUnavailableException? full = null;
            for (var n = 0; full is null; n++)
            {
                n.ShouldBeLessThan(10_000);
                try
                {
                    _receipts.Add(await ledger.AppendAsync(Entries.Granted(1000 + n), None));
                }
                catch (LedgerUnavailableException e)
                {
                    full = e;
                }
            }

            full.InnerException.ShouldBeAssignableTo<LedgerStoreException>()!.Fault.ShouldBe(StoreFault.Full);
            File.Delete(filler);
            await AppendAsync(ledger, 50_000, 100);
            ledger.Status.LastFault.ShouldBeNull();
        }

        IsSound(access, _receipts.Count);
        _server.Execute($"DROP SCHEMA {access.Schema} CASCADE");
        _server.Execute("CHECKPOINT");
        _server.Execute($"ALTER ROLE {PostgresServer.OwnerRole} RESET default_tablespace");
        _server.Execute("DROP TABLESPACE small");
    }

    private ReleaseLedger Open(PostgresAccess access, TimeSpan? commitTimeout = null) => PostgresLedger.Open(
        new PostgresLedgerOptions
        {
            Access = access,
            Origin = LedgerFolder.Origin,
            Kinds = Entries.Kinds,
            CommitTimeout = commitTimeout ?? TimeSpan.FromSeconds(20),
        },
        _key, TimeProvider.System);

    private async Task AppendAsync(ReleaseLedger ledger, int first, int count)
    {
        foreach (var receipt in await Task.WhenAll(Enumerable.Range(first, count)
            .Select(n => ledger.AppendAsync(Entries.Granted(n), None).AsTask())))
        {
            _receipts.Add(receipt);
        }
    }

    private async Task<LedgerReceipt?> TryAppendAsync(ReleaseLedger ledger, LedgerEntry entry)
    {
        try
        {
            var receipt = await ledger.AppendAsync(entry, None);
            _receipts.Add(receipt);
            return receipt;
        }
        catch (LedgerUnavailableException)
        {
            // The client hears no and has nothing.
            await Task.Delay(10);
            return null;
        }
    }

    private bool CancelsWait()
    {
        using var connection = new Npgsql.NpgsqlConnection(
            $"Host={Path.GetDirectoryName(_server.Socket)};Username=postgres;Database={PostgresServer.DatabaseName};"
            + "Pooling=false");
        connection.Open();
        using var cancel = new Npgsql.NpgsqlCommand(
            "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'", connection);
        return cancel.ExecuteScalar() is > 0L;
    }

    /// <summary>Every receipt is on record, each record id once, and the ledger verifies.</summary>
    private void IsSound(PostgresAccess access, int? rows = null)
    {
        using var store = PostgresLedgerStore.Open(access, tracksAnchor: false);
        store.Load();
        using var reader = new LedgerReader(store.OpenView);
        var key = new NoteSigner(LedgerFolder.Origin, _key).VerifierKey;
        foreach (var receipt in _receipts)
        {
            receipt.FaultOf(key).ShouldBeNull();
            var row = reader.Find(receipt.RecordId).ShouldNotBeNull();
            row.Index.ShouldBe(receipt.Index);
            row.ToCanonicalBytes().ShouldBe(receipt.CanonicalEntry);
        }

        var request = new VerificationRequest
        {
            Keys = [key],
            Known = [.. _receipts.Select(receipt => SignedNote.TryParse(receipt.Checkpoint, out var note)
                && Checkpoint.TryParse(note.Text, out var checkpoint) ? checkpoint : throw new InvalidDataException())],
        };
        var report = LedgerVerifier.Run(reader, request, null, None);
        report.Findings.ShouldBeEmpty();
        if (rows is not null) report.Rows.ShouldBe(rows.Value);
    }
}

using System.IO.Compression;
using System.Text.Json;
using Broker.Ledger.Anchors;
using Broker.Ledger.Notes;
using Broker.Ledger.Sqlite;
using Broker.Ledger.Sqlite.Connections;
using Broker.Ledger.Writing;

namespace Broker.Ledger.Tests.Anchors;

public sealed class AnchorTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private static readonly AnchorOptions Strict = new()
    {
        Policy = AnchorPolicy.DualStrict,
        Timeout = TimeSpan.FromMilliseconds(300),
        FirstPause = TimeSpan.FromMilliseconds(20),
        QuarantineAfter = TimeSpan.FromDays(10_000),
    };

    private readonly LedgerFolder _folder = new();
    private readonly FallibleAnchor _anchor = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_strict_release_leaves_after_the_anchor_holds_a_checkpoint_that_covers_it()
    {
        await using var ledger = Open(Strict with { Timeout = TimeSpan.FromSeconds(20) });

        var recorded = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(n => ledger.RecordAsync(new Release(n), None).AsTask()));

        var anchored = _anchor.Checkpoints.Max(checkpoint => checkpoint.Size);
        recorded.ShouldAllBe(release => release.Receipt.Index < anchored);
        StatesOf("confirmed").ShouldBe(40);
        ledger.AnchorStatus!.Behind.ShouldBe(0);
    }

    [Fact]
    public async Task A_strict_release_stays_while_the_anchor_is_out_of_reach_and_is_confirmed_afterwards()
    {
        await using var ledger = Open(Strict);
        _anchor.Fails = true;

        var fault = await Should.ThrowAsync<LedgerUnavailableException>(
            ledger.RecordAsync(new Release(1), None).AsTask());

        fault.Fault.ShouldBe(LedgerFault.NotAnchored);
        StatesOf("pending").ShouldBe(1);
        ledger.AnchorStatus!.LastFault.ShouldBe("out of reach");
        _anchor.Fails = false;
        await Until(() => StatesOf("confirmed") == 1);
        ledger.AnchorStatus!.LastFault.ShouldBeNull();
    }

    [Fact]
    public async Task Releases_that_gave_up_leave_nothing_behind_while_the_anchor_is_out_of_reach()
    {
        await using var ledger = Open(Strict);
        _anchor.Fails = true;
        using var impatient = new CancellationTokenSource();

        var late = Enumerable.Range(0, 50).Select(n => ledger.RecordAsync(new Release(n), None).AsTask());
        var cancelled = Enumerable.Range(50, 50)
            .Select(n => ledger.RecordAsync(new Release(n), impatient.Token).AsTask());
        Task[] all = [.. late, .. cancelled];
        await Until(() => ledger.AnchorStatus!.Waiting > 0);
        await impatient.CancelAsync();
        await Task.WhenAll(all.Select(one => Should.ThrowAsync<Exception>(one)));

        ledger.AnchorStatus!.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task A_refusal_does_not_wait_for_the_anchor()
    {
        await using var ledger = Open(Strict);
        _anchor.Fails = true;

        (await ledger.AppendAsync(Entries.Refused(), None)).Index.ShouldBe(0);
    }

    [Fact]
    public async Task An_event_that_lets_something_leave_waits_for_the_anchor_as_a_release_does()
    {
        _anchor.Fails = true;
        await using (var impatient = Open(Strict))
        {
            var fault = await Should.ThrowAsync<LedgerUnavailableException>(
                impatient.AppendAnchoredAsync(Entries.Granted(1), None).AsTask());
            fault.Fault.ShouldBe(LedgerFault.NotAnchored);
        }

        _anchor.Fails = false;
        await using var ledger = Open(Strict with { Timeout = TimeSpan.FromSeconds(20) });
        var receipt = await ledger.AppendAnchoredAsync(Entries.Granted(2), None);
        _anchor.Checkpoints.ShouldContain(checkpoint => checkpoint.Size > receipt.Index);
    }

    [Fact]
    public async Task With_the_ledger_first_a_release_leaves_at_once_and_the_next_process_catches_up()
    {
        _anchor.Fails = true;
        await using (var ledger = Open(Strict with { Policy = AnchorPolicy.SqlitePrimary }))
        {
            await ledger.RecordAsync(new Release(1), None);
            ledger.AnchorStatus!.Behind.ShouldBe(1);
        }

        StatesOf("pending").ShouldBe(1);
        _anchor.Fails = false;
        await using var next = Open(Strict);
        await Until(() => StatesOf("confirmed") == 1);
    }

    [Fact]
    public async Task An_entry_that_the_anchor_never_took_is_set_aside_once_and_for_all()
    {
        _anchor.Fails = true;
        await using var ledger =
            Open(Strict with { Policy = AnchorPolicy.SqlitePrimary, QuarantineAfter = TimeSpan.FromMinutes(1) });

        await ledger.RecordAsync(new Release(1), None);

        await Until(() => StatesOf("quarantined") == 1);
        ledger.AnchorStatus!.Quarantined.ShouldBe(1);
        _anchor.Fails = false;
        await Until(() => ledger.AnchorStatus!.Behind == 0);
        StatesOf("quarantined").ShouldBe(1);
    }

    [Theory]
    [InlineData("UPDATE plugin_mint_log SET status = 'pending'")]
    [InlineData("UPDATE plugin_mint_log SET record_hash = ''")]
    [InlineData("DELETE FROM plugin_mint_log")]
    public async Task The_database_lets_a_state_be_left_only_once(string sql)
    {
        await using (var ledger = Open(Strict with { Timeout = TimeSpan.FromSeconds(20) }))
        {
            await ledger.RecordAsync(new Release(1), None);
        }

        using var shell = SqliteDatabase.OpenForWriting(_folder.File, TimeSpan.FromSeconds(1));
        Should.Throw<SqliteFailure>(() => shell.Execute(sql)).IsConstraint.ShouldBeTrue();
    }

    [Fact]
    public async Task An_archive_answers_for_its_entries_without_the_ledger()
    {
        await using var ledger = Open(
            Strict with { Policy = AnchorPolicy.SqlitePrimary, ArchiveEvery = TimeSpan.FromMilliseconds(50) });
        for (var n = 0; n < 5; n++) await ledger.RecordAsync(new Release(n), None);

        await Until(() => _anchor.Archives.Sum(archive => archive.LastId - archive.FirstId + 1) == 5);
        foreach (var archive in _anchor.Archives)
        {
            using var unpacked = new StreamReader(
                new GZipStream(new MemoryStream(archive.Content), CompressionMode.Decompress));
            var expected = archive.FirstId;
            while (await unpacked.ReadLineAsync() is { } line)
            {
                var row = JsonDocument.Parse(line).RootElement;
                InclusionReceipt.TryParse(row.GetProperty("receipt").GetString()!, out var receipt).ShouldBeTrue();
                var entry = System.Text.Encoding.UTF8.GetBytes(row.GetProperty("entry").GetRawText());
                receipt!.FindFault(entry, ledger.VerifierKey).ShouldBeNull();
                receipt.Index.ShouldBe(expected++ - 1);
            }

            expected.ShouldBe(archive.LastId + 1);
        }
    }

    [Fact]
    public async Task The_ledger_beside_the_states_stays_sound()
    {
        await using var ledger = Open(Strict with { Policy = AnchorPolicy.SqlitePrimary });
        await Task.WhenAll(Enumerable.Range(0, 300).Select(n => ledger.RecordAsync(new Release(n), None).AsTask()));

        _folder.Verify(ledger.VerifierKey)
            .Findings.ShouldBeEmpty();
    }

    private ReleaseLedger Open(AnchorOptions options) =>
        SqliteLedger.Open(
            _folder.Options, new CheckpointSigners(LedgerFolder.Origin, [_folder.Key]), _anchor, options,
            TimeProvider.System);

    private long StatesOf(string status)
    {
        using var database = SqliteDatabase.OpenForReading(_folder.File, TimeSpan.FromSeconds(5));
        return database.ReadInteger($"SELECT count(*) FROM plugin_mint_log WHERE status = '{status}'") ?? 0;
    }

    private static async Task Until(Func<bool> holds)
    {
        for (var left = 400; !holds(); left--)
        {
            left.ShouldBeGreaterThan(0);
            await Task.Delay(25);
        }
    }

    private sealed record Release(int Number) : IRelease
    {
        public LedgerEntry ToEntry() => Entries.Granted(Number);
    }
}

using Broker.Ledger.Merkle;
using Broker.Ledger.Notes;
using Broker.Ledger.Sqlite;
using Broker.Ledger.Sqlite.Connections;
using Broker.Ledger.Sqlite.Log;
using Broker.Ledger.Verification;

namespace Broker.Ledger.Tests.Verification;

/// <summary>Somebody with write access to the file drops the triggers and does what they forbid.</summary>
public sealed class TamperTests() : TamperChecks(SqliteLedgerSchema.Version)
{
    [Fact]
    public void Names_a_record_id_that_stands_twice()
    {
        Tamper("UPDATE mint_log SET record_id = (SELECT record_id FROM mint_log WHERE id = 3) WHERE id = 500");

        var finding = Verify().Findings.Single(finding => finding.Code == FindingCode.RecordRepeated);

        finding.Row.ShouldBe(500);
    }
}

/// <summary>The same in files of the form before.</summary>
public sealed class IndexedFormTamperTests() : TamperChecks(SqliteLedgerSchema.IndexedVersion);

public abstract class TamperChecks(long version) : IAsyncLifetime, IDisposable
{
    private const int Rows = 700;

    private readonly LedgerFolder _folder = new LedgerFolder().OfVersion(version);
    private NoteKey _key = null!;
    private string _keptCheckpoint = "";

    public async Task InitializeAsync()
    {
        await using var ledger = _folder.Open(options => options with { MaxBatch = 64 });
        _key = ledger.VerifierKey;
        await Task.WhenAll(Enumerable.Range(0, Rows)
            .Select(n => ledger.AppendAsync(Entries.Granted(n), CancellationToken.None).AsTask()));
        _keptCheckpoint = ledger.NewestCheckpoint;
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void An_untouched_ledger_is_sound_and_everything_was_looked_at()
    {
        var report = Verify();

        report.Findings.ShouldBeEmpty();
        report.Rows.ShouldBe(Rows);
        report.Tiles.ShouldBe(2);
        report.Checkpoints.ShouldBeGreaterThanOrEqualTo(Rows / 64);
        report.Signatures.ShouldBe(report.Checkpoints);
    }

    [Theory]
    [InlineData("UPDATE mint_log SET outcome = 'denied' WHERE id = 300", FindingCode.RowChanged, 300)]
    [InlineData("UPDATE mint_log SET outcome_detail = '' WHERE id = 300", FindingCode.RowChanged, 300)]
    [InlineData("UPDATE mint_log SET minted_at = minted_at + 1 WHERE id = 699", FindingCode.RowChanged, 699)]
    [InlineData("UPDATE mint_log SET session_duration_seconds = 99999999999 WHERE id = 5", FindingCode.RowChanged, 5)]
    [InlineData("UPDATE mint_log SET leaf_hash = 'zz' WHERE id = 17", FindingCode.RowChanged, 17)]
    [InlineData("DELETE FROM mint_log WHERE id = 300", FindingCode.RowMissing, 300)]
    [InlineData("DELETE FROM mint_log WHERE id >= 690", FindingCode.RowMissing, 690)]
    [InlineData("UPDATE mint_log SET id = 10 WHERE id = 11; UPDATE mint_log SET id = 11 WHERE id = -1",
        FindingCode.RowChanged, 10, "UPDATE mint_log SET id = -1 WHERE id = 10")]
    [InlineData("UPDATE mint_log SET id = id - 1 WHERE id > 699",
        FindingCode.RowChanged, 699, "DELETE FROM mint_log WHERE id = 699")]
    [InlineData("UPDATE mint_log SET id = -7 WHERE id = 700", FindingCode.RowMissing, 700)]
    public void Names_the_row_that_was_edited_deleted_or_moved(string sql, string code, long row, string? before = null)
    {
        Tamper((before ?? "") + ";" + sql);

        var first = Verify().Findings.First(finding => finding.Code != FindingCode.TriggerMissing);

        first.Code.ShouldBe(code);
        first.Row.ShouldBe(row);
        first.Message.ShouldContain($"row {row}");
    }

    [Fact]
    public void Names_a_row_that_was_appended_behind_the_brokers_back()
    {
        Tamper($"""
            INSERT INTO mint_log SELECT 701, minted_at, requester_token, requester_wallet, requested_role,
            session_duration_seconds, sts_session_name, outcome, outcome_detail, 'aud_1_0000000000000000', kind,
                actor_omni,
            subject, request_id, request_hash, access_key_id, expires_at, evidence, leaf_hash FROM mint_log WHERE id =
                700
            """);

        var finding = Verify().Findings.Single(finding => finding.Code == FindingCode.RowNotCovered);

        finding.Row.ShouldBe(701);
    }

    [Fact]
    public void Names_a_row_whose_leaf_hash_was_made_to_fit()
    {
        Rewrite(100, row => row with { Outcome = "denied" });

        var finding = Verify().Findings.First(finding => finding.Code != FindingCode.TriggerMissing);

        finding.Code.ShouldBe(FindingCode.RowNotInTree);
        finding.Row.ShouldBe(100);
    }

    [Fact]
    public void Says_between_which_checkpoints_a_row_changed_where_no_tile_holds_its_leaf()
    {
        Rewrite(Rows, row => row with { Outcome = "denied" });

        var finding = Verify().Findings.First(finding => finding.Code != FindingCode.TriggerMissing);

        finding.Code.ShouldBe(FindingCode.CheckpointWrong);
        finding.Row.ShouldNotBeNull().ShouldBeInRange(Rows - 64, Rows);
    }

    [Theory]
    [InlineData("DELETE FROM tree_tiles WHERE tile = 1", FindingCode.TileWrong)]
    [InlineData("UPDATE tree_tiles SET root = zeroblob(32) WHERE tile = 0", FindingCode.TileWrong)]
    [InlineData("INSERT INTO tree_tiles SELECT 0, 2, root, hashes FROM tree_tiles WHERE tile = 0",
        FindingCode.TileWrong)]
    [InlineData("UPDATE checkpoints SET root = zeroblob(32) WHERE tree_size = 700", FindingCode.CheckpointWrong)]
    [InlineData("UPDATE checkpoints SET note = '' WHERE tree_size = 700", FindingCode.CheckpointWrong)]
    [InlineData("UPDATE checkpoints SET note = replace(note, '\u2014 broker.example', '\u2014 broker example')",
        FindingCode.CheckpointWrong)]
    [InlineData("DELETE FROM checkpoints WHERE tree_size = 700", FindingCode.RowNotCovered)]
    public void Finds_tiles_and_checkpoints_that_were_touched(string sql, string code)
    {
        Tamper(sql);

        Verify().Findings.ShouldContain(finding => finding.Code == code);
    }

    [Fact]
    public void A_checkpoint_signed_by_somebody_else_is_found()
    {
        using var other = Broker.Cryptography.Ed25519SigningKey.Generate();
        SignedNote.TryParse(_keptCheckpoint, out var note).ShouldBeTrue();
        var forged = new NoteSigner(LedgerFolder.Origin, other).Sign(note!.Text);
        Tamper($"UPDATE checkpoints SET note = '{forged}' WHERE tree_size = 700");

        Verify().Findings.ShouldContain(finding => finding.Code == FindingCode.SignatureWrong);
    }

    [Fact]
    public void Says_which_triggers_are_gone()
    {
        Tamper("");

        var names = Verify().Findings.Where(finding => finding.Code == FindingCode.TriggerMissing).ToList();

        names.Count.ShouldBe(SqliteLedgerSchema.Triggers(version).Count);
        names.ShouldContain(finding => finding.Message.Contains("mint_log_no_delete", StringComparison.Ordinal));
    }

    [Fact]
    public void A_ledger_cut_back_to_an_earlier_state_is_shown_by_a_checkpoint_kept_elsewhere()
    {
        // A batch holds at most 64 entries, so one checkpoint lies at 448 to 511: tile 0 is whole there, tile 1 is not.
        Tamper("DELETE FROM checkpoints WHERE tree_size >= 512; DELETE FROM tree_tiles WHERE tile > 0");
        using (var database = SqliteDatabase.OpenForWriting(_folder.File, TimeSpan.FromSeconds(1)))
        {
            database.Execute("DELETE FROM mint_log WHERE id > (SELECT max(tree_size) FROM checkpoints)");
            foreach (var (_, sql) in SqliteLedgerSchema.Triggers(version)) database.Execute(sql);
        }

        Verify().Findings.ShouldBeEmpty("nothing in the file itself can show it");
        SignedNote.TryParse(_keptCheckpoint, out var note).ShouldBeTrue();
        Checkpoint.TryParse(note!.Text, out var kept).ShouldBeTrue();
        var report = _folder.Verify(new VerificationRequest { Keys = [_key], Known = [kept!] });
        report.Findings.ShouldContain(finding => finding.Code == FindingCode.HistoryChanged);
    }

    [Fact]
    public void A_damaged_ledger_is_not_opened_for_writing()
    {
        Tamper("DELETE FROM checkpoints WHERE tree_size = 700");

        Should.Throw<LedgerOpenException>(() => _folder.Open()).Fault.ShouldBe(LedgerOpenFault.Damaged);
    }

    protected VerificationReport Verify() => _folder.Verify(_key);

    protected void Tamper(string sql)
    {
        using var database = SqliteDatabase.OpenForWriting(_folder.File, TimeSpan.FromSeconds(1));
        foreach (var (name, _) in SqliteLedgerSchema.Triggers(version)) database.Execute($"DROP TRIGGER {name}");
        database.Execute(sql);
    }

    private void Rewrite(long id, Func<LedgerColumns, LedgerColumns> change)
    {
        LedgerRow row;
        using (var reader = SqliteLedger.OpenReader(_folder.File)) row = reader.At(id)!;
        var changed = change(row.Columns);
        var leaf = TreeHasher.Leaf(CanonicalEntry.ToArray(changed, id)).ToHex();
        Tamper($"UPDATE mint_log SET outcome = '{changed.Outcome}', leaf_hash = '{leaf}' WHERE id = {id}");
    }
}

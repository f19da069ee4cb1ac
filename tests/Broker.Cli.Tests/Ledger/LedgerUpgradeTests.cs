using Broker.Cli.Ledger;
using Broker.Cli.Terminal;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Ledger;
using Broker.Ledger.Notes;
using Broker.Ledger.Reading;
using Broker.Ledger.Sqlite;
using Broker.Ledger.Sqlite.Connections;
using Broker.Ledger.Sqlite.Log;
using Broker.Ledger.Writing;

namespace Broker.Cli.Tests.Ledger;

/// <summary>
/// <c>ledger upgrade</c>: a file of the first form, with indexes of its own, becomes one of the newest.
/// </summary>
public sealed class LedgerUpgradeTests : IDisposable
{
    private const int Rows = 600;

    private static readonly EntryKind Kind = new("oidc_token");

    private readonly string _folder = Directory.CreateTempSubdirectory("ledger-upgrade-").FullName;
    private readonly Ed25519SigningKey _key = Ed25519SigningKey.Generate();

    private string Old => Path.Combine(_folder, "audit.sqlite");

    private string New => Path.Combine(_folder, "new.sqlite");

    private LedgerOptions Options => new() { Origin = "broker.example/ledger", Kinds = new EntryKinds([Kind]) };

    public void Dispose()
    {
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_newest_form_has_the_same_rows_tree_checkpoints_and_receipts_and_the_ledger_goes_on_in_it()
    {
        var receipts = await WriteAsync(SqliteLedgerSchema.IndexedVersion);
        var before = await File.ReadAllBytesAsync(Old);

        var (exitCode, output, error) = await RunAsync("--db", Old, "--to", New);

        exitCode.ShouldBe(ExitCode.Ok, error);
        output.ShouldStartWith($"ok: {Rows} rows verified");
        (await File.ReadAllBytesAsync(Old)).ShouldBe(before);
        File.GetUnixFileMode(New).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        VersionOf(New).ShouldBe(SqliteLedgerSchema.Version);
        using (var old = SqliteLedger.OpenReader(Old))
        using (var upgraded = SqliteLedger.OpenReader(New)) SameLedger(old, upgraded, receipts);
        PendingOf(New).ShouldBe(PendingOf(Old));
        PendingOf(New).Count.ShouldBe(100);

        await using var ledger = Open(New, tracksAnchor: true);
        var next = await ledger.AppendAsync(Entry(), CancellationToken.None);
        next.Index.ShouldBe(Rows);
        ledger.Reader.Consistency(Rows, Rows + 1).ShouldNotBeNull().Holds.ShouldBeTrue();
        foreach (var receipt in receipts) ledger.Reader.Find(receipt.RecordId)!.Index.ShouldBe(receipt.Index);
    }

    [Fact]
    public async Task A_file_without_an_anchor_is_upgraded_too_and_an_empty_one()
    {
        MakeEmpty(SqliteLedgerSchema.IndexedVersion);
        (await RunAsync("--db", Old, "--to", New)).ExitCode.ShouldBe(ExitCode.Ok);
        await using var ledger = Open(New, tracksAnchor: false);
        (await ledger.AppendAsync(Entry(), CancellationToken.None)).Index.ShouldBe(0);
    }

    [Fact]
    public async Task A_ledger_that_a_broker_writes_is_refused()
    {
        await WriteAsync(SqliteLedgerSchema.IndexedVersion);
        await using var ledger = Open(Old, tracksAnchor: true);
        await RefusesAsync("is written by process");
        (await ledger.AppendAsync(Entry(), CancellationToken.None)).Index.ShouldBe(Rows);
    }

    [Fact]
    public async Task The_newest_form_is_refused()
    {
        await WriteAsync(SqliteLedgerSchema.Version);
        await RefusesAsync("has the newest form already");
    }

    [Fact]
    public async Task A_name_that_is_taken_is_refused()
    {
        await WriteAsync(SqliteLedgerSchema.IndexedVersion);
        await File.WriteAllTextAsync(New, "precious");
        await RefusesAsync("exists already");
        (await File.ReadAllTextAsync(New)).ShouldBe("precious");
    }

    [Theory]
    [InlineData("DROP TRIGGER mint_log_no_update; UPDATE mint_log SET outcome = 'denied' WHERE id = 43", "FAILED")]
    [InlineData("DROP TRIGGER checkpoints_no_delete; DELETE FROM checkpoints WHERE tree_size = 600",
        "ends at row 600, the newest checkpoint at")]
    [InlineData("DROP TRIGGER mint_log_no_delete; DELETE FROM mint_log WHERE id = 43", "FAILED")]
    [InlineData("DROP TRIGGER tree_tiles_no_update; UPDATE tree_tiles SET hashes = zeroblob(8192)", "FAILED")]
    public async Task A_tampered_file_is_refused(string tampering, string reason)
    {
        await WriteAsync(SqliteLedgerSchema.IndexedVersion);
        using (var shell = SqliteDatabase.OpenForWriting(Old, TimeSpan.FromSeconds(1))) shell.Execute(tampering);
        var (exitCode, _, _) = await RunAsync("verify", "--db", Old);
        exitCode.ShouldBe(ExitCode.Failed);

        await RefusesAsync(reason);
    }

    // Says why, and leaves the folder as it was.
    private async Task RefusesAsync(string reason)
    {
        var before = Directory.GetFiles(_folder).Order().ToArray();
        var (exitCode, output, error) = await RunAsync("--db", Old, "--to", New);
        exitCode.ShouldBe(ExitCode.Failed);
        output.ShouldBeEmpty();
        error.ShouldContain(reason);
        Directory.GetFiles(_folder).Order().ShouldBe(before);
    }

    private void SameLedger(LedgerReader old, LedgerReader upgraded, IReadOnlyCollection<LedgerReceipt> receipts)
    {
        upgraded.NewestCheckpoint().ShouldBe(old.NewestCheckpoint());
        upgraded.Rows(new LedgerFilter()).ShouldBe(old.Rows(new LedgerFilter()));
        var key = new NoteSigner(Options.Origin, _key).VerifierKey;
        upgraded.OwnKeys().Select(own => own.ToString()).ShouldBe([key.ToString()]);
        foreach (var receipt in receipts)
        {
            upgraded.Find(receipt.RecordId)!.ToCanonicalBytes().ShouldBe(receipt.CanonicalEntry);
            InclusionReceipt.TryParse(upgraded.Receipt(receipt.Index)!, out var proof).ShouldBeTrue();
            proof!.FindFault(receipt.CanonicalEntry, key).ShouldBeNull();
            InclusionReceipt.TryParse(receipt.Proof, out var given).ShouldBeTrue();
            upgraded.CheckpointAt(given!.Checkpoint.Size).ShouldBe(receipt.Checkpoint);
        }
    }

    // A ledger with an anchor, which holds its first 450 entries.
    private async Task<IReadOnlyCollection<LedgerReceipt>> WriteAsync(long version)
    {
        MakeEmpty(version);
        await using var ledger = Open(Old, tracksAnchor: true);
        var receipts = await Task.WhenAll(
            Enumerable.Range(0, Rows).Select(_ => ledger.AppendAsync(Entry(), CancellationToken.None).AsTask()));
        new AnchorStates(Old, TimeSpan.FromSeconds(5)).Confirm(450, "{}");
        return receipts;
    }

    private void MakeEmpty(long version)
    {
        using var database = SqliteDatabase.OpenForWriting(Old, TimeSpan.FromSeconds(1));
        SqliteLedgerSchema.CreateTables(database, version);
        SqliteLedgerSchema.CreateTriggers(database, version);
    }

    private ReleaseLedger Open(string path, bool tracksAnchor) => ReleaseLedger.Open(
        SqliteLedgerStore.Open(path, TimeSpan.FromSeconds(2), tracksAnchor), Options, _key, TimeProvider.System);

    private static IReadOnlyList<string> PendingOf(string path) =>
        new AnchorStates(path, TimeSpan.FromSeconds(5)).Pending();

    private static long VersionOf(string path)
    {
        using var database = SqliteDatabase.OpenForReading(path, TimeSpan.FromSeconds(1));
        return database.ReadInteger("PRAGMA user_version") ?? 0;
    }

    private static LedgerEntry Entry()
    {
        var now = DateTimeOffset.UtcNow;
        return new LedgerEntry
        {
            RecordId = RecordId.New(now),
            MintedAt = now,
            Kind = Kind,
            Outcome = LedgerOutcome.Ok,
            RequestedRole = "oidc_jwt",
        };
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        string[] command = arguments[0] == "verify" ? ["ledger", .. arguments] : ["ledger", "upgrade", .. arguments];
        var (output, error) = (new StringWriter(), new StringWriter());
        var exitCode = await BrokerCtlProgram.RunAsync([LedgerCommands.Create()], command, output, error);
        return (exitCode, output.ToString(), error.ToString());
    }
}

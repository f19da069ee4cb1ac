using Broker.Cli.Ledger;
using Broker.Cli.Terminal;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Ledger;
using Broker.Ledger.Sqlite;
using Broker.Ledger.Writing;

namespace Broker.Cli.Tests.Ledger;

/// <summary>A ledger is copied while it is written, and goes on from the copy elsewhere.</summary>
public sealed class LedgerBackupTests : IDisposable
{
    private const int Rows = 600;

    private static readonly EntryKind Kind = new("oidc_token");

    private readonly string _folder = Directory.CreateTempSubdirectory("ledger-backup-").FullName;
    private readonly Ed25519SigningKey _key = Ed25519SigningKey.Generate();

    private string Db => Path.Combine(_folder, "audit.sqlite");

    private string Backup => Path.Combine(_folder, "backup.sqlite");

    public void Dispose()
    {
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_copy_of_a_ledger_under_load_is_sound_and_holds_all_that_was_answered_before()
    {
        await using var ledger = Open(Db);
        await AppendAsync(ledger, Rows);
        using var enough = new CancellationTokenSource();
        var load = Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested) await AppendAsync(ledger, 20);
        });
        while (ledger.Reader.Size() == Rows) await Task.Delay(1);

        // Once more where the machine was too busy to write anything meanwhile.
        var (exitCode, output, error, before) = (0, "", "", 0L);
        var patience = DateTimeOffset.UtcNow.AddSeconds(60);
        while (DateTimeOffset.UtcNow < patience)
        {
            File.Delete(Backup);
            before = ledger.Reader.Size();
            (exitCode, output, error) = await RunAsync("backup", "--db", Db, "--to", Backup);
            if (exitCode != ExitCode.Ok || ledger.Reader.Size() > before) break;
        }

        await enough.CancelAsync();
        await load;

        exitCode.ShouldBe(ExitCode.Ok, error);
        output.ShouldStartWith("ok: ");
        ledger.Reader.Size().ShouldBeGreaterThan(before, "nothing was written while it was copied");
        using var copy = SqliteLedger.OpenReader(Backup);
        copy.Size().ShouldBeInRange(before, ledger.Reader.Size());
        ledger.Reader.Consistency(copy.Size(), ledger.Reader.Size()).ShouldNotBeNull().Holds.ShouldBeTrue();
        File.GetUnixFileMode(Backup).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await RunAsync("verify", "--db", Backup, "--vkey", ledger.VerifierKey.ToString())).ExitCode
            .ShouldBe(ExitCode.Ok);
    }

    [Fact]
    public async Task A_ledger_goes_on_from_its_restored_copy()
    {
        string checkpoint;
        await using (var ledger = Open(Db))
        {
            await AppendAsync(ledger, Rows);
            checkpoint = ledger.NewestCheckpoint;
        }

        (await RunAsync("backup", "--db", Db, "--to", Backup)).ExitCode.ShouldBe(ExitCode.Ok);
        var elsewhere = Path.Combine(_folder, "elsewhere.sqlite");
        var known = Path.Combine(_folder, "checkpoint");
        await File.WriteAllTextAsync(known, checkpoint);

        (await RunAsync("restore", "--from", Backup, "--db", elsewhere, "--known", known)).ExitCode
            .ShouldBe(ExitCode.Ok);

        await using var restored = Open(elsewhere);
        await AppendAsync(restored, 1);
        restored.Reader.Size().ShouldBe(Rows + 1);
        restored.Reader.Consistency(Rows, Rows + 1).ShouldNotBeNull().Holds.ShouldBeTrue();
    }

    [Fact]
    public async Task An_earlier_copy_is_found_by_a_checkpoint_kept_elsewhere_and_is_not_restored()
    {
        await using (var ledger = Open(Db)) await AppendAsync(ledger, 5);
        (await RunAsync("backup", "--db", Db, "--to", Backup)).ExitCode.ShouldBe(ExitCode.Ok);
        var known = Path.Combine(_folder, "checkpoint");
        await using (var ledger = Open(Db))
        {
            await AppendAsync(ledger, 1);
            await File.WriteAllTextAsync(known, ledger.NewestCheckpoint);
        }

        var elsewhere = Path.Combine(_folder, "elsewhere.sqlite");
        var (exitCode, _, error) = await RunAsync("restore", "--from", Backup, "--db", elsewhere, "--known", known);

        exitCode.ShouldBe(ExitCode.Failed);
        error.ShouldContain("WRONG");
        File.Exists(elsewhere).ShouldBeFalse();
    }

    [Fact]
    public async Task A_ledger_that_was_changed_gives_no_copy_and_leaves_nothing_behind()
    {
        await using (var ledger = Open(Db)) await AppendAsync(ledger, Rows);
        using (var process = System.Diagnostics.Process.Start("sqlite3",
            [Db, "DROP TRIGGER mint_log_no_update; UPDATE mint_log SET outcome = 'denied' WHERE id = 43"]))
        {
            await process.WaitForExitAsync();
            process.ExitCode.ShouldBe(0);
        }

        var before = Directory.GetFiles(_folder).Order().ToArray();
        var (exitCode, output, error) = await RunAsync("backup", "--db", Db, "--to", Backup);

        exitCode.ShouldBe(ExitCode.Failed);
        output.ShouldBeEmpty();
        error.ShouldContain("row 43");
        Directory.GetFiles(_folder).Order().ShouldBe(before);
    }

    [Fact]
    public async Task What_is_there_is_never_replaced()
    {
        await using (var ledger = Open(Db)) await AppendAsync(ledger, 1);
        await File.WriteAllTextAsync(Backup, "precious");

        var (exitCode, _, error) = await RunAsync("backup", "--db", Db, "--to", Backup);

        exitCode.ShouldBe(ExitCode.Failed);
        error.ShouldContain("exists already");
        (await File.ReadAllTextAsync(Backup)).ShouldBe("precious");
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exitCode = await BrokerCtlProgram.RunAsync(
            [LedgerCommands.Create()], ["ledger", .. arguments], output, error);
        return (exitCode, output.ToString(), error.ToString());
    }

    private static Task AppendAsync(ReleaseLedger ledger, int count) => Task.WhenAll(
        Enumerable.Range(0, count).Select(_ => ledger.AppendAsync(Entry(), CancellationToken.None).AsTask()));

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

    private ReleaseLedger Open(string path) => SqliteLedger.Open(
        new SqliteLedgerOptions { Path = path, Origin = "broker.example/ledger", Kinds = new EntryKinds([Kind]) },
        _key, TimeProvider.System);
}
